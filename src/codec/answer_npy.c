#include "codec/encode.h"

bool encode_npy(struct answer *answer, struct forestd_error *error)
{
    (void)answer;
    return error_set(error, FORESTD_UNSUPPORTED, at_nowhere(), "not yet");
}
