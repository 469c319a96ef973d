/*
 * The word that somebody probably meant.
 */
#ifndef COMMAND_NEAREST_H
#define COMMAND_NEAREST_H

#include <stddef.h>

/* How many letters must be added, dropped, changed or swapped with their neighbour to make one word of the other. */
size_t word_distance(const char *word, const char *other);

/* Whether `distance` is small enough, for a word like this, to be worth a suggestion. */
int word_is_near(const char *word, size_t distance);

#endif
