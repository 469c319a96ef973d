#include "command/sample.h"

#include "base/number.h"
#include "model/key.h"
#include <math.h>

enum { TRIES = 16 };

/* A small generator with a full period (Knuth's MMIX constants); the high bits are the good ones. */
static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 32);
}

/* The threshold of the split that `choice` falls on, if it is one of this feature. A packed forest has slots alone. */
static bool threshold_of(const struct forest *forest, uint32_t choice, uint32_t feature, double *threshold)
{
    const struct plan *plan = forest->plan;
    if (!forest->nodes) {
        uint32_t at = choice % (uint32_t)plan->slot_count;
        uint32_t cell = plan->wide ? plan->wide[at].cell : plan->slots[at].cell;
        *threshold = (double)key_to_number(plan->wide ? plan->wide[at].key : plan->slots[at].key);
        return cell == 4 * (feature + 1) && isfinite(*threshold);
    }
    const struct node *node = &forest->nodes[choice % forest->node_count];
    *threshold = node->threshold;
    return node->child[0] != node->child[1] && node->feature == feature && isfinite(node->threshold);
}

/* A threshold of any split of this feature, if a few tries meet one; else a number around 0. */
static float threshold_near(const struct forest *forest, uint32_t feature, uint64_t *state)
{
    double spread = (double)next_random(state) / UINT32_MAX * 2 - 1;
    for (int i = 0; i < TRIES && forest->node_count; i++) {
        double threshold = 0;
        if (threshold_of(forest, next_random(state), feature, &threshold))
            return (float)(threshold + spread * fabs(threshold) * 0.5);
    }
    return (float)(spread * 2);
}

void sample_rows(const struct forest *forest, size_t count, float *rows)
{
    uint64_t state = 42;
    for (size_t row = 0; row < count; row++) {
        for (uint32_t feature = 0; feature < forest->features; feature++) {
            float cell = threshold_near(forest, feature, &state);
            rows[row * forest->features + feature] = isfinite(cell) ? cell : 0;
        }
    }
}

bool sample_write(const struct forest *forest, const float *rows, size_t count, struct buffer *body,
                  struct forestd_error *error)
{
    bool good = buffer_print(body, error, "{\"instances\": [");
    for (size_t i = 0; good && i < count * forest->features; i++) {
        char text[NUMBER_TEXT_SIZE];
        size_t column = i % forest->features;
        size_t size = number_write((double)rows[i], text);
        good = buffer_print(body, error, "%s",
                            column ? ", "
                            : i    ? "], ["
                                   : "[") &&
               buffer_append(body, text, size, error);
    }
    return good && buffer_append(body, "]]}", 3, error);
}
