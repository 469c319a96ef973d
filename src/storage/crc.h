/*
 * Cyclic redundancy checks that zlib does not have, eight bytes at a time.
 */
#ifndef STORAGE_CRC_H
#define STORAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli; RFC 3720) and CRC-64/NVME, both of reflected bits, all ones before and after. */
#define CRC32C_POLYNOMIAL UINT64_C(0x82F63B78)
#define CRC64NVME_POLYNOMIAL UINT64_C(0x9A6C9329AC4BC9B5)

struct crc {
    uint64_t state;
    uint64_t ones; /* as many as the check has bits */
    uint64_t table[8][256];
};

void crc_begin(struct crc *crc, uint64_t polynomial, unsigned bits);
void crc_add(struct crc *crc, const uint8_t *bytes, size_t size);
uint64_t crc_end(const struct crc *crc);

#endif
