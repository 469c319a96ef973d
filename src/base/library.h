/*
 * Shared libraries of the system that are loaded when something first needs them. Linked in the usual way, libcurl and
 * the thirty libraries behind it would be loaded at every start: more than the rest of the start takes.
 *
 * A file such as base/curl_library.c defines the library's own functions, each of which passes its arguments on to the
 * function that is found here. Who calls them includes the library's own header, and does not know.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdatomic.h>

struct library {
    const char *file; /* as the loader knows it: "libcurl.so.4" */
    _Atomic(void *) handle;
};

/*
 * The address of a function, NULL when the system has no such library or the library no such function. The library is
 * loaded by the first call and stays. Threads: any at once.
 */
void *library_find(struct library *library, const char *name);

/* NOLINTBEGIN(bugprone-macro-parentheses): they declare */

/*
 * Define `name` as a call of the library's own function of this name; where that is not to be had, it returns `failure`.
 * Procedures return nothing.
 */
#define LIBRARY_FUNCTION(library, result, name, parameters, arguments, failure)                                        \
    result(name) parameters                                                                                            \
    {                                                                                                                  \
        LIBRARY_FIND(library, result, name, parameters);                                                               \
        return found.address ? found.call arguments : (failure);                                                       \
    }

#define LIBRARY_PROCEDURE(library, name, parameters, arguments)                                                        \
    void(name) parameters                                                                                              \
    {                                                                                                                  \
        LIBRARY_FIND(library, void, name, parameters);                                                                 \
        if (found.address)                                                                                             \
            found.call arguments;                                                                                      \
    }

/* The same inside a function that is written by hand: `found.call` is the library's own when `found.address` is set. */
#define LIBRARY_FIND(library, result, name, parameters)                                                                \
    const union {                                                                                                      \
        void *address;                                                                                                 \
        result(*call) parameters;                                                                                      \
    } found = {library_find(library, #name)}

/* NOLINTEND(bugprone-macro-parentheses) */

#endif
