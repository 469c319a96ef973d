#include "codec/encode.h"

/* A line: what the row predicts, then its probabilities, with commas. */
static char *write_line(char *at, const struct answer *answer, unsigned outputs, size_t row)
{
    const struct prediction *prediction = answer->prediction;
    const struct forest *forest = prediction->forest;
    const char *line = at;
    if (answer_has(outputs, OUTPUT_PREDICTIONS)) {
        for (size_t output = 0; output < forest->outputs; output++) {
            if (at != line)
                *at++ = ',';
            if (forest->task == FORESTD_REGRESSOR)
                at = write_number(at, answer_number(answer, row, output));
            else
                at = write_label_csv(at, answer_label(answer, row, output));
        }
    }
    if (answer_has(outputs, OUTPUT_PROBABILITIES)) {
        for (size_t i = 0; i < forest->width; i++) {
            if (at != line)
                *at++ = ',';
            at = write_number(at, prediction->values[row * forest->width + i]);
        }
    }
    *at++ = '\n';
    return at;
}

bool encode_csv(struct answer *answer, struct forestd_error *error)
{
    unsigned outputs = answer->outputs ? answer->outputs : OUTPUT_PREDICTIONS;
    size_t bound = bound_row(answer);
    for (size_t row = 0; row < answer->prediction->rows; row++) {
        char *at = answer_room(answer, bound, error);
        if (!at)
            return false;
        answer_wrote(answer, write_line(at, answer, outputs, row));
    }
    return true;
}
