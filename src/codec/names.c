#include "codec/names.h"

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory that requests hold, taken from their budget. */
static void *take(struct budget *budget, size_t count, size_t size, struct forestd_error *error)
{
    if (!budget_take(budget, count * size)) {
        error_memory(error, count * size, "the rows of all requests together");
        return NULL;
    }
    void *things = calloc(count ? count : 1, size);
    if (!things) {
        budget_give_back(budget, count * size);
        error_memory(error, count * size, "feature names");
    }
    return things;
}

static void give_back(struct budget *budget, void *things, size_t count, size_t size)
{
    if (things)
        budget_give_back(budget, count * size);
    free(things);
}

bool roster_begin(struct roster *roster, struct forestd_error *error)
{
    if (!roster->rounds) {
        roster->rounds = take(roster->budget, roster->forest->features, sizeof *roster->rounds, error);
        if (!roster->rounds)
            return false;
    }
    roster->round++;
    roster->count = 0;
    return true;
}

bool roster_add(struct roster *roster, size_t feature)
{
    if (roster->rounds[feature] == roster->round)
        return false;
    roster->rounds[feature] = roster->round;
    roster->count++;
    return true;
}

bool roster_missing(const struct roster *roster, const char *what, struct forestd_where where,
                    struct forestd_error *error)
{
    const struct forest *forest = roster->forest;
    const size_t shown = 8;
    size_t missing = forest->features - roster->count;
    char list[1024];
    size_t size = 0;
    size_t listed = 0;
    for (size_t i = 0; i < forest->features && listed < shown && listed < missing; i++) {
        if (roster->rounds[i] == roster->round)
            continue;
        struct quote name = text_quote(forest->names[i], strlen(forest->names[i]));
        int added = snprintf(list + size, sizeof list - size, "%s'%s'", listed ? ", " : "", name.text);
        size += added > 0 ? (size_t)added : 0;
        listed++;
    }
    if (listed < missing)
        (void)snprintf(list + size, sizeof list - size, " and %zu more", missing - listed);
    return error_set(error, FORESTD_NAME, where, "%s does not have the feature%s %s", what, missing == 1 ? "" : "s",
                     list);
}

bool roster_unknown(const struct roster *roster, const char *what, struct forestd_where where, const char *name,
                    size_t size, struct forestd_error *error)
{
    if (!roster->forest->names)
        return error_set(error, FORESTD_NAME, where,
                         "%s names '%s', but the model was trained without feature names: send the values alone, in "
                         "the order of training",
                         what, text_quote(name, size).text);
    return error_set(error, FORESTD_NAME, where, "%s names '%s', which is not a feature of the model", what,
                     text_quote(name, size).text);
}

bool roster_twice(const char *what, struct forestd_where where, const char *name, size_t size,
                  struct forestd_error *error)
{
    return error_set(error, FORESTD_NAME, where, "%s names '%s' twice", what, text_quote(name, size).text);
}

/* 0 where none was opened. */
static size_t roster_width(const struct roster *roster)
{
    return roster->forest ? roster->forest->features : 0;
}

void roster_close(struct roster *roster)
{
    give_back(roster->budget, roster->rounds, roster_width(roster), sizeof *roster->rounds);
    roster->rounds = NULL;
}

bool columns_begin(struct columns *columns, struct forestd_error *error)
{
    struct roster *roster = &columns->roster;
    size_t features = roster->forest->features;
    columns->moved = false;
    if (!roster_begin(roster, error))
        return false;
    if (!columns->features)
        columns->features = take(roster->budget, features, sizeof *columns->features, error);
    if (columns->features && !columns->scratch)
        columns->scratch = take(roster->budget, features, sizeof *columns->scratch, error);
    return columns->scratch != NULL;
}

bool columns_add(struct columns *columns, const char *name, size_t size, const char *what, struct forestd_where where,
                 struct forestd_error *error)
{
    struct roster *roster = &columns->roster;
    size_t column = roster->count;
    size_t feature = forest_feature(roster->forest, name, size, column);
    if (feature == roster->forest->features)
        return roster_unknown(roster, what, where, name, size, error);
    if (!roster_add(roster, feature))
        return roster_twice(what, where, name, size, error);
    columns->features[column] = (uint32_t)feature;
    columns->moved = columns->moved || feature != column;
    return true;
}

bool columns_end(struct columns *columns, const char *what, struct forestd_where where, struct forestd_error *error)
{
    if (columns->roster.count == columns->roster.forest->features)
        return true;
    return roster_missing(&columns->roster, what, where, error);
}

void columns_apply(struct columns *columns, float *cells, size_t rows)
{
    size_t width = columns->roster.forest->features;
    if (!columns->moved)
        return;
    for (size_t row = 0; row < rows; row++, cells += width) {
        memcpy(columns->scratch, cells, width * sizeof *cells);
        for (size_t i = 0; i < width; i++)
            cells[columns->features[i]] = columns->scratch[i];
    }
}

void columns_close(struct columns *columns)
{
    struct roster *roster = &columns->roster;
    size_t features = roster_width(roster);
    give_back(roster->budget, columns->features, features, sizeof *columns->features);
    give_back(roster->budget, columns->scratch, features, sizeof *columns->scratch);
    columns->features = NULL;
    columns->scratch = NULL;
    roster_close(roster);
}
