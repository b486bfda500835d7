console.log("\u2713 quotes \" and \\ survive");
