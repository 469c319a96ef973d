#include "read/release.h"

#include <string.h>

static bool is_digit(uint8_t letter)
{
    return letter >= '0' && letter <= '9';
}

/* Reads a number of up to four digits at `*at`. */
static bool number(const struct value *text, size_t *at, unsigned *result)
{
    size_t start = *at;
    *result = 0;
    while (*at < text->size && *at - start < 4 && is_digit(text->as.bytes[*at]))
        *result = *result * 10 + (unsigned)(text->as.bytes[(*at)++] - '0');
    return *at > start;
}

static bool parse(const struct value *text, struct release *release)
{
    size_t at = 0;
    if (text->kind != VALUE_TEXT || text->size > 40 || !number(text, &at, &release->major) || at == text->size ||
        text->as.bytes[at] != '.')
        return false;
    at++;
    if (!number(text, &at, &release->minor))
        return false;
    for (size_t i = at; i < text->size; i++) {
        uint8_t letter = text->as.bytes[i];
        if (!is_digit(letter) && !(letter >= 'a' && letter <= 'z') && !strchr(".+-_", letter))
            return false;
    }
    return true;
}

static bool contains(const struct value *text, const char *word)
{
    return memmem(text->as.bytes, text->size, word, strlen(word)) != NULL;
}

bool release_from(const struct release *release, unsigned major, unsigned minor)
{
    return release->major > major || (release->major == major && release->minor >= minor);
}

bool release_read(const struct value *estimator, struct release *release, struct forestd_error *error)
{
    const struct value *text = state_find(estimator, "_sklearn_version");
    const char *class = estimator->as.object->type->name;
    if (!text)
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(estimator->as.object->byte),
                         "the %s does not say which scikit-learn release wrote it (_sklearn_version is missing), and "
                         "what its numbers mean depends on that: load it with the release that trained it and save it "
                         "again",
                         class);
    if (!parse(text, release))
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(estimator->as.object->byte),
                         "the %s was written by scikit-learn '%s', which is no release that forestd knows", class,
                         text->kind == VALUE_TEXT ? text_quote(text->as.bytes, text->size).text : "?");
    struct quote quote = text_quote(text->as.bytes, text->size);
    if (!release_from(release, 0, 22))
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(estimator->as.object->byte),
                         "the %s was written by scikit-learn %s: forestd reads 0.22 to 1.9; train and save it with "
                         "one of these",
                         value_title(estimator).text, quote.text);
    if (release_from(release, 1, 10))
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(estimator->as.object->byte),
                         "written by scikit-learn %s: this forestd reads up to 1.9; update forestd, or train and save "
                         "with scikit-learn 1.9",
                         quote.text);
    if (release->major == 1 && release->minor == 4 && contains(text, ".dev"))
        return error_set(error, FORESTD_UNSUPPORTED, at_byte(estimator->as.object->byte),
                         "written by scikit-learn %s, a development state in which the meaning of a leaf's values "
                         "changed: train and save it with a release",
                         quote.text);
    return true;
}

/* The criteria that can split missing values off: all but absolute_error. */
static bool criterion_splits_missing(const struct value *tree)
{
    static const char *const criteria[] = {"gini", "entropy", "log_loss", "squared_error", "friedman_mse", "poisson"};
    const struct value *criterion = state_find(tree, "criterion");
    for (size_t i = 0; i < sizeof criteria / sizeof *criteria; i++)
        if (value_is_text(criterion, criteria[i]))
            return true;
    return false;
}

bool release_accepts_nan(const struct release *release, bool forest, const struct value *tree)
{
    const struct value *splitter = state_find(tree, "splitter");
    const struct value *constraint = state_find(tree, "monotonic_cst");
    const char *class = tree->as.object->type->name;
    bool extra = strncmp(class, "Extra", 5) == 0;
    bool best = value_is_text(splitter, "best");
    bool random = value_is_text(splitter, "random");
    bool free = !constraint || constraint->kind == VALUE_NONE;
    if (!release_from(release, 1, 3) || (forest && !release_from(release, 1, 4)))
        return false;
    if (release_from(release, 1, 9))
        return forest || !extra || random;
    if (!criterion_splits_missing(tree) || !free)
        return false;
    if (!release_from(release, 1, 6))
        return best;
    if (!extra)
        return best || random;
    /* 1.6 meant to ask ExtraTreeRegressor for "random" only; its line has no effect, so "best" is taken too. */
    return random || (best && release->minor == 6 && strcmp(class, "ExtraTreeRegressor") == 0);
}
