// The preludes of liaison.cmake need a file to be compiled for.
