#include "codec/cell.h"

#include "base/number.h"
#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_any(const char *text, size_t size, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == size && strncasecmp(*words, text, size) == 0)
            return true;
    }
    return false;
}

bool cell_read(const char *text, size_t size, float *value)
{
    static const char *const missing[] = {"", "nan", "+nan", "-nan", "na", NULL};
    static const char *const infinite[] = {"inf", "infinity", NULL};
    double number = 0;
    if (number_read(text, size, &number)) {
        *value = (float)number;
        return true;
    }
    if (is_any(text, size, missing)) {
        *value = NAN;
        return true;
    }
    bool negative = *text == '-';
    size_t sign = negative || *text == '+' ? 1 : 0;
    if (!is_any(text + sign, size - sign, infinite))
        return false;
    *value = negative ? -INFINITY : INFINITY;
    return true;
}
