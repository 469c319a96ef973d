/*
 * Writing errors. The type is public (forestd/error.h); these are the only functions that fill it.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <forestd/error.h>
#include <stdbool.h>

struct forestd_where at_nowhere(void);
struct forestd_where at_byte(uint64_t byte);
struct forestd_where at_row(uint64_t row);
struct forestd_where at_cell(uint64_t row, uint64_t column);
struct forestd_where at_node(uint64_t tree, uint64_t node);

/* Fills `error`; NULL is allowed. */
__attribute__((format(printf, 4, 5))) void error_write(struct forestd_error *error, enum forestd_code code,
                                                       struct forestd_where where, const char *format, ...);

/* The error for memory that the system did not give: `bytes` for `what`. */
void error_write_memory(struct forestd_error *error, uint64_t bytes, const char *what);

/* Puts `prefix` and ": " before the message, as a caller does that knows the file's name. */
void error_write_prefix(struct forestd_error *error, const char *prefix);

/*
 * The same, and false: a function can end with `return error_set(...)`, and whoever compiles or checks it sees that it
 * then failed.
 */
static inline bool error_false(void)
{
    return false;
}
#define error_set(...) (error_write(__VA_ARGS__), error_false())
#define error_memory(...) (error_write_memory(__VA_ARGS__), error_false())
#define error_prefix(...) (error_write_prefix(__VA_ARGS__), error_false())

#endif
