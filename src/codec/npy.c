#include "codec/decode.h"
const struct decoding npy_decoding = {1, 0, 0, 0, 0};
