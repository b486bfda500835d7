// liaison: the command line. See cli.h.
#include "common/base/last_words.h"
#include "common/base/standard_files.h"
#include "common/cli/commands/cli.h"

int main(int argc, char** argv) {
  liaison::OpenStandardFiles();
  liaison::SayWhatEndsTheProgram();
  liaison::ResetSignals();
  return liaison::cli::Main(argc, argv);
}
