/*
 * The packed file, `.forest`: a model as it lies in memory, to be mapped and walked at once.
 *
 * It holds the plan (model/plan.h) and all that is told about the model, but not the training library's own arrays.
 * Everything is little-endian, sections begin at multiples of 64 bytes, and what lies between them is 0. Whoever
 * replaces a file that is being served writes a new one and renames it, as `forestd pack` does: a mapped file that is
 * changed in its place changes under its readers.
 *
 *     byte size
 *        0    8  8D 46 52 53 54 0D 0A 1A ("\x8DFRST\r\n\x1A")
 *        8    4  0x01020304: the bytes 04 03 02 01; 01 02 03 04 tells a file of the other byte order
 *       12    4  version of this format: 1
 *       16    8  bytes of the file
 *       24    8  XXH3-64 of all bytes from 32 on
 *       32    4  task: 0 classifier, 1 regressor
 *       36    4  combination: 0 mean, 1 single
 *       40    4  flags: 1 votes, 2 wide, 4 accepts missing values, 8 named features, 16 choices of leaves
 *       44    4  outputs
 *       48    8  features
 *       56    8  trees
 *       64    8  nodes of the source
 *       72    8  leaves of the source
 *       80    8  slots
 *       88    8  different leaves; with votes, classes
 *       96    8  bytes of the description
 *      104    8  XXH3-64 of the source's bytes: the model's version
 *      112   16  0
 *      128       sections, one after another:
 *                trees    [trees] x 20: struct plan_tree
 *                slots    [slots] x 8: struct slot; wide: struct wide_slot
 *                steps    [slots] x 4; only wide
 *                missing  [slots / 64, rounded up] x 8; only where missing values are accepted
 *                leaves   [different leaves][width] x 8, float64; not with votes
 *                choices  [different leaves][outputs] x 4; only with that flag
 *                description:
 *                    text of the estimator, text of the release
 *                    for each output 4 bytes, its classes (1 for a regressor)
 *                    for each label, of a classifier: 1 byte kind (enum forestd_label_kind), then
 *                        a text, or 8 bytes: two's complement, unsigned, float64, or 0 and 1
 *                    for each feature, where they are named: a text
 *                where a text is 4 bytes size, as many bytes of UTF-8, and a byte 0
 *
 * The width is the sum of the classes. The file ends with the description.
 */
#ifndef MODEL_PACKED_H
#define MODEL_PACKED_H

#include "base/buffer.h"
#include "model/forest.h"

enum { PACKED_VERSION = 1, PACKED_HEADER = 128, PACKED_ALIGNMENT = 64 };

/*
 * Opens the packed file in `bytes`[0..size) and proves it in one pass. Returns a forest whose plan and texts lie in
 * `bytes`, which must stay until it is closed; with `copy`, or where `bytes` is not aligned, in a copy of them. NULL
 * and `error` where anything is not as above. What the forest holds beside `bytes` is taken from `budget`, or NULL.
 */
struct forest *packed_open(const uint8_t *bytes, size_t size, bool copy, struct budget *budget,
                           struct forestd_error *error);

/*
 * Writes the packed file of a forest that has a plan to the open file `file`, from where it stands. `*written` is its
 * size.
 */
bool packed_write(const struct forest *forest, int file, uint64_t *written, struct forestd_error *error);

#endif
