/*
 * Cyclic redundancy checks of reflected bits, all ones before and after.
 *
 * Where the processor multiplies without carries, sixty-four bytes are folded at a time; elsewhere tables take eight.
 */
#ifndef STORAGE_CRC_H
#define STORAGE_CRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC-32 (of zlib), CRC-32C (Castagnoli; RFC 3720) and CRC-64/NVME. */
#define CRC32_POLYNOMIAL UINT64_C(0xEDB88320)
#define CRC32C_POLYNOMIAL UINT64_C(0x82F63B78)
#define CRC64NVME_POLYNOMIAL UINT64_C(0x9A6C9329AC4BC9B5)

struct crc {
    uint64_t state;
    uint64_t ones; /* as many as the check has bits */
    uint64_t table[8][256];
    bool folds;           /* the processor can, see crc_begin */
    uint64_t far_fold[2]; /* what 128 bits are multiplied by to stand 512 bits further, the first eight bytes' first */
    uint64_t fold[2];     /* 128 bits further */
};

void crc_begin(struct crc *crc, uint64_t polynomial, unsigned bits);
void crc_add(struct crc *crc, const uint8_t *bytes, size_t size);
uint64_t crc_end(const struct crc *crc);

#endif
