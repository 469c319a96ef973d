/*
 * Pickles written by hand, for the tests of this room.
 */
#ifndef UNIT_READ_SUPPORT_H
#define UNIT_READ_SUPPORT_H

#include "read/pickle.h"
#include "unit/suite.h"

#include <stdlib.h>
#include <string.h>

/* A text with zeros in it, and its size. */
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* Parts of pickles of protocol 0, which are letters. What ends in _ is called with arguments. */
#define P_DTYPE_(name, order) "cnumpy\ndtype\n(S'" name "'\nI0\nI1\ntR(I3\nS'" order "'\nNNNI-1\nI-1\nI0\ntb"
#define P_ARRAY_(shape, dtype, fortran, data)                                                                          \
    "cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(" shape "t" dtype "I0" fortran       \
    "\n" data "tb"

/* Opens a pickle that must be sound; pickle_close is the caller's. */
static inline struct pickle sound(const char *bytes, size_t size)
{
    struct pickle pickle;
    struct forestd_error error;
    bool good = pickle_open(&pickle, (const uint8_t *)bytes, size, NULL, NULL, &error);
    ck_assert_msg(good, "%s", error.message);
    return pickle;
}

#define SOUND(text) sound(text, sizeof(text) - 1)

#endif
