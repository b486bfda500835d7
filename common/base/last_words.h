// What a program says when nothing in it can go on.
#ifndef LIAISON_COMMON_BASE_LAST_WORDS_H_
#define LIAISON_COMMON_BASE_LAST_WORDS_H_

namespace liaison {

// From now on an exception that nobody catches, on whichever thread, ends the program with one Chinese sentence on
// standard error and exit code 1, the sentence naming the shortage when memory or threads have run out. (No code here
// throws; the standard library and the database do, when the machine gives them no memory or no thread.) Nothing is
// unwound and no destructor runs: what was acknowledged is on the disk, as after a power cut. A fault of the program
// itself still aborts. Every main() calls it, once the standard files are open.
void SayWhatEndsTheProgram();

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_LAST_WORDS_H_
