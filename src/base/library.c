#include "base/library.h"

#include <dlfcn.h>
#include <stddef.h>

void *library_find(struct library *library, const char *name)
{
    void *handle = atomic_load_explicit(&library->handle, memory_order_acquire);
    if (!handle) {
        /* Two threads that come here together get the same library. */
        handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
        atomic_store_explicit(&library->handle, handle, memory_order_release);
    }
    return handle ? dlsym(handle, name) : NULL;
}
