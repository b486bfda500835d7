// liaison: the command line. See cli.h.
#include "common/cli/cli.h"

int main(int argc, char** argv) { return liaison::cli::Main(argc, argv); }
