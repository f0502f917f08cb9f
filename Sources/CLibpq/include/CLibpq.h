#ifndef CLIBPQ_H
#define CLIBPQ_H

// libpq, wherever the system keeps its header: Debian has it in a folder of its own.
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

// And the two things of POSIX that a connection needs beside it, in a form that is the same in every C library.

// Waits until a socket can be read (or has ended) or, if asked for, written, at most for so many milliseconds.
// Returns 1 when it can, 0 when the time is over or a signal came, -1 when the socket is none.
int clibpq_wait(int socket, int reads, int writes, int milliseconds);

// Starts a thread that nobody joins. A name is cut off after 15 bytes. Returns 0 or an errno.
int clibpq_start_thread(const char *name, void (*body)(void *context), void *context);

#endif
