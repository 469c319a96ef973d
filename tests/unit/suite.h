/*
 * A unit test's file defines its cases with Check and names them in one SUITE; unit/run.c runs the suites of all files
 * that are linked with it.
 *
 *     SUITE(buffer, grows, keeps_its_limit)
 */
#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <check.h>
#include <stddef.h>

void suite_add(const char *name, const TTest *const *tests, size_t count);

#define SUITE(title, ...)                                                                                              \
    static void __attribute__((constructor)) add_suite_##title(void)                                                   \
    {                                                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                                                    \
        suite_add(#title, tests, sizeof tests / sizeof *tests);                                                        \
    }

#endif
