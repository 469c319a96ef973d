#include "serve/store.h"

#include "unit/suite.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char model[] = TESTS_FOLDER "/../models/model.joblib";
static const char small[] = TESTS_FOLDER "/golden/1.9.1/stumps.joblib";

static struct store *open_quiet(struct budget *budget)
{
    struct forestd_error error;
    struct store *store = store_open(NULL, budget, &(const struct forestd_fetching){0}, false, &error);
    ck_assert_ptr_nonnull(store);
    return store;
}

static bool load_version(struct store *store, const char *name, uint64_t version, const char *address,
                         struct forestd_error *error)
{
    const struct store_order order = {.name = name, .version = version, .address = address, .needed = true};
    return store_load(store, &order, error);
}

static void load_all(struct store *store, const char *name, uint64_t version)
{
    struct forestd_error error;
    ck_assert_msg(load_version(store, name, version, model, &error), "%s", error.message);
    ck_assert_int_eq(store_wait(store, &error), SERVER_READY);
}

static struct served *take(struct store *store, const char *name, uint64_t version, struct forestd_error *error)
{
    return store_take(store, name, strlen(name), version, error);
}

START_TEST(is_ready_when_empty)
{
    struct forestd_error error;
    struct store *store = open_quiet(NULL);
    ck_assert_int_eq(store_state(store), SERVER_READY);
    ck_assert_ptr_null(take(store, "", 0, &error));
    ck_assert_int_eq(error.code, FORESTD_NOT_FOUND);
    ck_assert(store_close(store));
}
END_TEST

START_TEST(takes_by_name_and_version)
{
    struct forestd_error error;
    struct store *store = open_quiet(NULL);
    load_all(store, "a", 2);
    load_all(store, "a", 10);
    load_all(store, "a", 1);
    static const uint64_t wanted[][2] = {{0, 10}, {1, 1}, {2, 2}, {10, 10}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct served *served = take(store, i ? "a" : "", wanted[i][0], &error);
        ck_assert_ptr_nonnull(served);
        ck_assert_uint_eq(served_version(served), wanted[i][1]);
        store_give_back(served);
    }
    ck_assert_ptr_null(take(store, "a", 3, &error));
    ck_assert_ptr_nonnull(strstr(error.message, "no version 3 of model 'a'"));
    load_all(store, "b", 1);
    ck_assert_ptr_null(take(store, "", 0, &error));
    ck_assert_int_eq(error.code, FORESTD_AMBIGUOUS);
    ck_assert_ptr_nonnull(strstr(error.message, "a, b"));
    ck_assert_ptr_null(take(store, "c", 0, &error));
    ck_assert_int_eq(error.code, FORESTD_NOT_FOUND);
    ck_assert(!load_version(store, "a", 2, model, &error));
    ck_assert_int_eq(error.code, FORESTD_EXISTS);
    ck_assert(store_close(store));
}
END_TEST

START_TEST(keeps_serving_a_version_while_a_higher_one_fails)
{
    struct forestd_error error;
    struct store *store = open_quiet(NULL);
    load_all(store, "a", 1);
    ck_assert(load_version(store, "a", 2, "/nowhere", &error));
    ck_assert_int_eq(store_wait(store, &error), SERVER_FAILED);
    ck_assert_int_eq(error.code, FORESTD_NOT_FOUND);
    struct served *served = take(store, "a", 0, &error);
    ck_assert_uint_eq(served_version(served), 1);
    store_give_back(served);
    ck_assert(store_close(store));
}
END_TEST

static void count_gone(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

START_TEST(keeps_what_is_taken)
{
    struct forestd_error error;
    struct budget budget;
    const size_t whole = (size_t)64 << 20;
    atomic_int gone = 0;
    budget_open(&budget, whole);
    struct store *store = open_quiet(&budget);
    load_all(store, "a", 1);
    load_all(store, "a", 2);
    struct served *served = take(store, "a", 1, &error);
    ck_assert(store_unload(store, "a", 1, 0, count_gone, &gone, &error));
    ck_assert(!store_unload(store, "a", 1, 0, count_gone, &gone, &error));
    ck_assert_int_eq(error.code, FORESTD_NOT_FOUND);
    ck_assert_ptr_null(take(store, "a", 0, &error));
    ck_assert_int_eq(atomic_load(&gone), 0);
    ck_assert_ptr_nonnull(served_model(served));
    ck_assert_uint_lt(atomic_load(&budget.left), whole);
    store_give_back(served);
    for (int i = 0; i < 5000 && !atomic_load(&gone); i++)
        (void)usleep(1000);
    ck_assert_int_eq(atomic_load(&gone), 1);
    ck_assert_uint_eq(atomic_load(&budget.left), whole);
    ck_assert(store_close(store));
}
END_TEST

START_TEST(takes_no_more_than_its_budget)
{
    struct forestd_error error;
    struct budget budget;
    budget_open(&budget, (size_t)8 << 20);
    struct store *store = open_quiet(&budget);
    char name[16];
    enum server_state state = SERVER_READY;
    for (int i = 0; i < 100 && state == SERVER_READY; i++) {
        (void)snprintf(name, sizeof name, "m%d", i);
        ck_assert(load_version(store, name, 1, model, &error));
        state = store_wait(store, &error);
    }
    ck_assert_int_eq(state, SERVER_FAILED);
    ck_assert_int_eq(error.code, FORESTD_MEMORY);
    ck_assert(store_close(store));
    ck_assert_uint_eq(atomic_load(&budget.left), (size_t)8 << 20);
}
END_TEST

/* ---- many at once ---- */

enum { CHURNS = 250, THREADS = 4 };

struct race {
    struct store *store;
    int number;
    atomic_int *stop;
};

static void *churn(void *context)
{
    struct race *race = context;
    struct forestd_error error;
    char name[16];
    for (int i = 0; i < CHURNS; i++) {
        (void)snprintf(name, sizeof name, "m%d", (race->number + i) % 5);
        const struct store_order order = {.name = name, .version = 1, .address = small};
        (void)store_load(race->store, &order, &error);
        struct served *served = take(race->store, name, 0, &error);
        (void)store_unload(race->store, name, strlen(name), 0, NULL, NULL, NULL);
        if (served)
            (void)served_model(served);
        store_give_back(served);
    }
    return NULL;
}

static bool see(const struct served *served, void *context)
{
    const struct forestd_model *seen = served_model(served);
    *(size_t *)context += seen ? forestd_describe(seen)->trees : 0;
    return true;
}

static void *ask(void *context)
{
    struct race *race = context;
    size_t trees = 0;
    while (!atomic_load(race->stop)) {
        struct served *served = take(race->store, "stays", 0, NULL);
        ck_assert_ptr_nonnull(served_model(served));
        store_list(race->store, see, &trees);
        (void)store_state(race->store);
        store_give_back(served);
    }
    return NULL;
}

START_TEST(survives_a_thousand_loads_and_unloads)
{
    struct store *store = open_quiet(NULL);
    atomic_int stop = 0;
    pthread_t threads[THREADS + 1];
    struct race races[THREADS + 1];
    load_all(store, "stays", 1);
    for (int i = 0; i <= THREADS; i++) {
        races[i] = (struct race){store, i, &stop};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, i < THREADS ? churn : ask, &races[i]), 0);
    }
    for (int i = 0; i <= THREADS; i++) {
        if (i == THREADS)
            atomic_store(&stop, 1);
        pthread_join(threads[i], NULL);
    }
    /* On a busy machine the last ones may be read for longer than it waits. */
    bool closed = false;
    for (int i = 0; i < 60 && !closed; i++)
        closed = store_close(store);
    ck_assert(closed);
}
END_TEST

SUITE(store, is_ready_when_empty, takes_by_name_and_version, keeps_serving_a_version_while_a_higher_one_fails,
      keeps_what_is_taken, takes_no_more_than_its_budget, survives_a_thousand_loads_and_unloads)
