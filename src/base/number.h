/*
 * The one place where numbers become text and text becomes numbers.
 *
 * Reading is correctly rounded; writing is the shortest text that reads back to the same bits, laid out as Python's
 * repr does (Python/dtoa.c's format 'r': exponents below -4 or from 16 on are written as 1e-05, 1e+16; whole numbers
 * end in .0). Neither looks at the locale. Both stand on the C++ library's <charconv>, before which the numbers of most
 * answers are written in quicker ways, to the same text.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NUMBER_TEXT_SIZE = 32 }; /* bytes that any number's text fits into */

/* Writes `value` at `text`, without a 0, and returns the bytes written. NaN is `NaN`, infinities `Infinity`,
 * `-Infinity`. */
size_t number_write(double value, char text[NUMBER_TEXT_SIZE]);

size_t number_write_integer(int64_t value, char text[NUMBER_TEXT_SIZE]);

size_t number_write_natural(uint64_t value, char text[NUMBER_TEXT_SIZE]);

/*
 * Reads the decimal number that fills `text`[0..size) exactly: digits with an optional sign, point and exponent (`1`,
 * `-0.5`, `.5`, `5.`, `+1e-3`). Too large is infinity, too small is zero, each with its sign. Returns false on any
 * other text. Loops over many numbers try number_run (base/number_run.h) and number_scan (base/number_scan.h) first.
 */
bool number_read(const char *text, size_t size, double *value);

#ifdef __cplusplus
}
#endif
#endif
