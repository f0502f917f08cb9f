#ifndef CMALLOC_H
#define CMALLOC_H

// mallopt(3) of the GNU C library, which Swift's own module of that library leaves out.

// The most heaps (arenas) that threads share from now on; elsewhere than with that library nothing.
void cmalloc_bound_arenas(int most);

#endif
