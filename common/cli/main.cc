// liaison: the command line. See cli.h.
#include "common/base/standard_files.h"
#include "common/cli/cli.h"

int main(int argc, char** argv) {
  liaison::OpenStandardFiles();
  return liaison::cli::Main(argc, argv);
}
