#include "storage/crc.h"

#include <endian.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { BLOCK = 16, FAR_BLOCK = 64, LEAST = 256 };

/* x to the power of `power`, modulo the polynomial, where bit i of 64 stands for x to the power of 63 - i. */
static uint64_t power_of_x(unsigned power, uint64_t polynomial, unsigned bits)
{
    uint64_t value = UINT64_C(1) << (bits - 1);
    for (; power; power--)
        value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
    return value << (64 - bits);
}

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
    /* A product of two reflected words of 64 bits stands one bit lower than reflected 128 bits do. */
    crc->far_fold[0] = power_of_x(8 * FAR_BLOCK + 63, polynomial, bits);
    crc->far_fold[1] = power_of_x(8 * FAR_BLOCK - 1, polynomial, bits);
    crc->fold[0] = power_of_x(8 * BLOCK + 63, polynomial, bits);
    crc->fold[1] = power_of_x(8 * BLOCK - 1, polynomial, bits);
#if defined(__x86_64__)
    crc->folds = __builtin_cpu_supports("pclmul") != 0;
#else
    crc->folds = false;
#endif
}

static void add_by_table(struct crc *crc, const uint8_t *bytes, size_t size)
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

#if defined(__x86_64__)
static __m128i load(const uint8_t *bytes)
{
    __m128i block;
    memcpy(&block, bytes, sizeof block);
    return block;
}

/* `block`, moved as far as `fold` says, and the block that stands there. */
__attribute__((target("pclmul"))) static __m128i move(__m128i block, __m128i fold, __m128i there)
{
    __m128i product = _mm_xor_si128(_mm_clmulepi64_si128(block, fold, 0x00), _mm_clmulepi64_si128(block, fold, 0x11));
    return _mm_xor_si128(product, there);
}

/*
 * Reduces all whole blocks to one with the same remainder, which goes through the table, and returns how many bytes it
 * took. https://www.intel.com/content/dam/www/public/us/en/documents/white-papers/fast-crc-computation-generic-polynomials-pclmulqdq-paper.pdf
 */
__attribute__((target("pclmul"))) static size_t add_by_folding(struct crc *crc, const uint8_t *bytes, size_t size)
{
    const uint8_t *begin = bytes;
    const uint8_t *end = bytes + size;
    __m128i far_fold;
    __m128i fold;
    memcpy(&far_fold, crc->far_fold, sizeof far_fold);
    memcpy(&fold, crc->fold, sizeof fold);
    __m128i blocks[FAR_BLOCK / BLOCK];
    for (size_t i = 0; i < FAR_BLOCK / BLOCK; i++)
        blocks[i] = load(bytes + i * BLOCK);
    blocks[0] = _mm_xor_si128(blocks[0], _mm_set_epi64x(0, (long long)crc->state));
    for (bytes += FAR_BLOCK; end - bytes >= FAR_BLOCK; bytes += FAR_BLOCK)
        for (size_t i = 0; i < FAR_BLOCK / BLOCK; i++)
            blocks[i] = move(blocks[i], far_fold, load(bytes + i * BLOCK));
    __m128i all = move(move(move(blocks[0], fold, blocks[1]), fold, blocks[2]), fold, blocks[3]);
    for (; end - bytes >= BLOCK; bytes += BLOCK)
        all = move(all, fold, load(bytes));
    uint8_t rest[BLOCK];
    memcpy(rest, &all, sizeof rest);
    crc->state = 0;
    add_by_table(crc, rest, sizeof rest);
    return (size_t)(bytes - begin);
}
#endif

void crc_add(struct crc *crc, const uint8_t *bytes, size_t size)
{
    size_t done = 0;
#if defined(__x86_64__)
    if (crc->folds && size >= LEAST)
        done = add_by_folding(crc, bytes, size);
#endif
    add_by_table(crc, bytes + done, size - done);
}

uint64_t crc_end(const struct crc *crc)
{
    return crc->state ^ crc->ones;
}
