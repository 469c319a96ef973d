#include "storage/folder.h"
#include "storage/storage.h"
#include "unit/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test, which is the working directory and is removed with all that is in it. */
static char place[64];

static void enter(void)
{
    (void)snprintf(place, sizeof place, "/tmp/forestd-storage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
}

static void leave(void)
{
    char command[128];
    ck_assert_int_eq(chdir("/"), 0);
    (void)snprintf(command, sizeof command, "rm -rf -- '%s'", place);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): a constant but for mkdtemp's letters
}

static void put(const char *path, const char *content)
{
    char folder[128];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0755);
    }
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(content, stream), 0);
    ck_assert_int_eq(fclose(stream), 0);
}

START_TEST(a_file_is_mapped_as_it_is)
{
    enter();
    put("model.joblib", "\x80\x04N.");
    struct artifact artifact;
    struct forestd_error error;
    ck_assert_msg(storage_fetch("model.joblib", NULL, &artifact, &error), "%s", error.message);
    ck_assert_uint_eq(artifact.size, 4);
    ck_assert_mem_eq(artifact.bytes, "\x80\x04N.", 4);
    ck_assert_str_eq(artifact.path, "model.joblib");
    artifact_close(&artifact);
    ck_assert_ptr_null(artifact.bytes);
    leave();
}
END_TEST

START_TEST(a_folder_is_searched_for_its_one_model)
{
    static const struct {
        const char *files[4]; /* ends with NULL */
        const char *found;    /* NULL: an error */
        const char *says;
    } folders[] = {
        {{"m/model.joblib"}, "m/model.joblib", NULL},
        {{"m/deep/er/model.pkl", "m/notes.txt"}, "m/deep/er/model.pkl", NULL},
        {{"m/.hidden.joblib", "m/._model.joblib", "m/code/model.joblib", "m/model.joblib"}, "m/model.joblib", NULL},
        {{"m/.git/model.joblib", "m/1"}, "m/1", NULL}, /* no name is a model's: by its first bytes */
        {{"m/a.joblib", "m/b.pkl"}, NULL, "a.joblib"},
        {{"m/a.joblib", "m/b.pkl"}, NULL, "b.pkl"},
        {{"m/.only/model.joblib"}, NULL, "holds no file"},
    };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct forestd_error error;
        enter();
        for (size_t k = 0; k < 4 && folders[i].files[k]; k++)
            put(folders[i].files[k], "\x80\x04N.");
        char *found = folder_search("m", &error);
        if (folders[i].found)
            ck_assert_pstr_eq(found, folders[i].found);
        else
            ck_assert_msg(!found && strstr(error.message, folders[i].says), "row %zu: %s", i, error.message);
        free(found);
        leave();
    }
}
END_TEST

/* Kubernetes lays a volume's files behind a link called ..data. */
START_TEST(one_file_under_two_names_is_one_model)
{
    enter();
    put("m/..2026/model.joblib", "\x80\x04N.");
    ck_assert_int_eq(symlink("..2026", "m/..data"), 0);
    ck_assert_int_eq(symlink("..data/model.joblib", "m/model.joblib"), 0);
    ck_assert_int_eq(symlink("model.joblib", "m/other.joblib"), 0);
    ck_assert_int_eq(symlink(".", "m/loop"), 0);
    ck_assert_int_eq(symlink("nowhere", "m/gone.joblib"), 0);
    struct forestd_error error;
    char *found = folder_search("m/", &error);
    ck_assert_msg(found && strcmp(found, "m/model.joblib") == 0, "%s", found ? found : error.message);
    free(found);
    leave();
}
END_TEST

START_TEST(what_cannot_be_fetched_is_named)
{
    enter();
    put("empty.joblib", "");
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(mkdir("nothing", 0755), 0);
    static const struct {
        const char *address;
        enum forestd_code code;
    } addresses[] = {
        {"absent.joblib", FORESTD_NOT_FOUND}, {"empty.joblib/model", FORESTD_NOT_FOUND},
        {"empty.joblib", FORESTD_FORMAT},     {"pipe", FORESTD_IO},
        {"nothing", FORESTD_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct artifact artifact;
        struct forestd_error error;
        ck_assert(!storage_fetch(addresses[i].address, NULL, &artifact, &error));
        ck_assert_ptr_null(artifact.bytes);
        ck_assert_msg(error.code == addresses[i].code, "%s", error.message);
        ck_assert_ptr_nonnull(strstr(error.message, addresses[i].address));
    }
    leave();
}
END_TEST

SUITE(storage, a_file_is_mapped_as_it_is, a_folder_is_searched_for_its_one_model, one_file_under_two_names_is_one_model,
      what_cannot_be_fetched_is_named)
