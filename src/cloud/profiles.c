#include "cloud/profiles.h"

#include "cloud/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTINGS = 4096 };

enum file { CREDENTIALS, CONFIG, FILES };

/* All texts lie in the file's own. */
struct setting {
    enum file file;
    const char *section; /* as between the brackets; blanks at its ends taken away */
    const char *group;   /* the setting that this one is nested under, or NULL */
    const char *name;    /* NULL stands for the section itself */
    const char *value;
};

struct profiles {
    char *texts[FILES];
    struct setting *settings; /* [count] */
    size_t count;
};

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t size = strlen(text);
    while (size && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    return text;
}

static bool keep(struct profiles *profiles, struct setting setting, struct forestd_error *error)
{
    if (profiles->count == SETTINGS)
        return error_set(error, FORESTD_LIMIT, at_nowhere(), "AWS's shared files hold more than %d settings", SETTINGS);
    profiles->settings[profiles->count++] = setting;
    return true;
}

/* A comment begins a line, or follows a blank. */
static void cut_comment(char *value)
{
    for (char *at = value; *at; at++)
        if ((*at == '#' || *at == ';') && at > value && isblank((unsigned char)at[-1]))
            *at = '\0';
}

static bool read_line(struct profiles *profiles, enum file file, char *line, struct setting *place,
                      struct forestd_error *error)
{
    bool indented = isblank((unsigned char)*line);
    line = trim(line);
    if (!*line || *line == '#' || *line == ';')
        return true;
    char *bracket = *line == '[' ? strchr(line, ']') : NULL;
    if (bracket) {
        *bracket = '\0';
        *place = (struct setting){.file = file, .section = trim(line + 1)};
        return keep(profiles, *place, error);
    }
    char *equals = strchr(line, '=');
    if (!equals || !place->section)
        return true;
    *equals = '\0';
    char *value = equals + 1;
    cut_comment(value);
    struct setting setting = {file, place->section, indented ? place->group : NULL, trim(line), trim(value)};
    if (!indented)
        place->group = setting.name;
    return keep(profiles, setting, error);
}

static bool read_file(struct profiles *profiles, enum file file, const char *path, struct forestd_error *error)
{
    if (access(path, R_OK) != 0)
        return true;
    profiles->texts[file] = text_file(path, error);
    char *rest = profiles->texts[file];
    struct setting place = {.file = file};
    bool good = rest != NULL;
    for (char *line = good ? strsep(&rest, "\n") : NULL; good && line; line = strsep(&rest, "\n"))
        good = read_line(profiles, file, line, &place, error);
    return good;
}

static bool read_named(struct profiles *profiles, enum file file, const char *from, const char *usual,
                       struct forestd_error *error)
{
    const char *named = variable(from);
    const char *folder = home();
    if (!named && !folder)
        return true;
    char *path = named ? text_print(error, "%s", named) : text_print(error, "%s/.aws/%s", folder, usual);
    bool good = path && read_file(profiles, file, path, error);
    free(path);
    return good;
}

struct profiles *profiles_open(struct forestd_error *error)
{
    struct profiles *profiles = calloc(1, sizeof *profiles);
    if (profiles)
        profiles->settings = calloc(SETTINGS, sizeof *profiles->settings);
    if (!profiles || !profiles->settings) {
        free(profiles);
        error_memory(error, SETTINGS * sizeof(struct setting), "AWS's settings");
        return NULL;
    }
    if (read_named(profiles, CREDENTIALS, "AWS_SHARED_CREDENTIALS_FILE", "credentials", error) &&
        read_named(profiles, CONFIG, "AWS_CONFIG_FILE", "config", error))
        return profiles;
    profiles_close(profiles);
    return NULL;
}

void profiles_close(struct profiles *profiles)
{
    if (!profiles)
        return;
    for (int file = 0; file < FILES; file++) {
        if (profiles->texts[file])
            explicit_bzero(profiles->texts[file], strlen(profiles->texts[file]));
        free(profiles->texts[file]);
    }
    free(profiles->settings);
    free(profiles);
}

const char *profiles_chosen(void)
{
    const char *name = variable("AWS_PROFILE");
    if (!name)
        name = variable("AWS_DEFAULT_PROFILE");
    return name ? name : "default";
}

/* Whether the setting's section is that of the profile: [NAME], or [profile NAME] in the config file. */
static bool belongs(const struct setting *setting, const char *kind, const char *name)
{
    const char *section = setting->section;
    if (!*kind)
        return strcmp(section, name) == 0;
    size_t size = strlen(kind);
    if (setting->file != CONFIG || strncmp(section, kind, size) != 0 || !isblank((unsigned char)section[size]))
        return false;
    section += size;
    while (isblank((unsigned char)*section))
        section++;
    return strcmp(section, name) == 0;
}

static bool of_profile(const struct setting *setting, const char *profile)
{
    if (setting->file == CREDENTIALS || strcmp(profile, "default") == 0)
        return belongs(setting, "", profile) || belongs(setting, "profile", profile);
    return belongs(setting, "profile", profile);
}

static bool is_called(const struct setting *setting, const char *name)
{
    const char *dot = strchr(name, '.');
    if (!setting->name)
        return false;
    if (!dot)
        return !setting->group && strcmp(setting->name, name) == 0;
    size_t size = (size_t)(dot - name);
    return setting->group && strlen(setting->group) == size && memcmp(setting->group, name, size) == 0 &&
           strcmp(setting->name, dot + 1) == 0;
}

bool profiles_have(const struct profiles *profiles, const char *profile)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (of_profile(&profiles->settings[i], profile))
            return true;
    return false;
}

const char *profiles_get(const struct profiles *profiles, const char *profile, const char *name)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct setting *setting = &profiles->settings[i];
        if (is_called(setting, name) && of_profile(setting, profile) && *setting->value)
            return setting->value;
    }
    return NULL;
}

const char *profiles_service(const struct profiles *profiles, const char *services, const char *name)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct setting *setting = &profiles->settings[i];
        if (is_called(setting, name) && belongs(setting, "services", services) && *setting->value)
            return setting->value;
    }
    return NULL;
}
