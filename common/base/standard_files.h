// What every program takes for granted: its three files, and what signals do.
#ifndef LIAISON_COMMON_BASE_STANDARD_FILES_H_
#define LIAISON_COMMON_BASE_STANDARD_FILES_H_

namespace liaison {

// Opens descriptors 0, 1 and 2 on /dev/null where whoever started the program left them closed. Else the next file that
// is opened, a database's perhaps, becomes one of them, and what is printed goes into it. A program that names this
// function has it run before the libraries it is linked with, which open files as soon as they are loaded.
void OpenStandardFiles();

// Whoever started the program may have set signals otherwise, and that is inherited: a child that ends is told of again
// (SIGCHLD), SIGTERM ends again, and a file that may not grow further is an error of the write (SIGXFSZ).
void ResetSignals();

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_STANDARD_FILES_H_
