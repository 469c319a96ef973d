#include "command/nearest.h"

#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t word_distance(const char *word, const char *other)
{
    size_t rows = strlen(word);
    size_t columns = strlen(other);
    if (rows > LONGEST || columns > LONGEST)
        return rows + columns;
    size_t cost[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (size_t k = 0; k <= columns; k++)
        cost[0][k] = k;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t k = 1; k <= columns; k++) {
            size_t change = cost[i - 1][k - 1] + (word[i - 1] != other[k - 1]);
            cost[i][k] = least(change, least(cost[i - 1][k], cost[i][k - 1]) + 1);
            if (i > 1 && k > 1 && word[i - 1] == other[k - 2] && word[i - 2] == other[k - 1])
                cost[i][k] = least(cost[i][k], cost[i - 2][k - 2] + 1);
        }
    }
    return cost[rows][columns];
}

int word_is_near(const char *word, size_t distance)
{
    return distance <= 2 || distance <= strlen(word) / 3;
}
