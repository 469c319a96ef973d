#include "storage/crc.h"

#include <endian.h>
#include <string.h>

void crc_begin(struct crc *crc, uint64_t polynomial, unsigned bits)
{
    for (unsigned i = 0; i < 256; i++) {
        uint64_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
        crc->table[0][i] = value;
    }
    /* table[k][i] is what byte i becomes with k further zero bytes behind it. */
    for (unsigned k = 1; k < 8; k++)
        for (unsigned i = 0; i < 256; i++)
            crc->table[k][i] = crc->table[0][crc->table[k - 1][i] & 255] ^ (crc->table[k - 1][i] >> 8);
    crc->ones = UINT64_MAX >> (64 - bits);
    crc->state = crc->ones;
}

void crc_add(struct crc *crc, const uint8_t *bytes, size_t size)
{
    uint64_t state = crc->state;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes, sizeof word);
        word = le64toh(word) ^ state;
        state = crc->table[7][word & 255] ^ crc->table[6][word >> 8 & 255] ^ crc->table[5][word >> 16 & 255] ^
                crc->table[4][word >> 24 & 255] ^ crc->table[3][word >> 32 & 255] ^ crc->table[2][word >> 40 & 255] ^
                crc->table[1][word >> 48 & 255] ^ crc->table[0][word >> 56];
    }
    for (; size; size--, bytes++)
        state = crc->table[0][(state ^ *bytes) & 255] ^ (state >> 8);
    crc->state = state;
}

uint64_t crc_end(const struct crc *crc)
{
    return crc->state ^ crc->ones;
}
