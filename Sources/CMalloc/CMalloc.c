#include "CMalloc.h"

#ifdef __linux__
#include <malloc.h>
#endif

void cmalloc_bound_arenas(int most) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, most);
#else
    (void)most;
#endif
}
