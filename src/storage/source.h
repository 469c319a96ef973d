/*
 * A bucket, container or web server that objects are fetched from: what transfer.c and remote.c need to know of it. One
 * file a service opens one: s3.c, google_storage.c, azure_blob.c, web.c.
 */
#ifndef STORAGE_SOURCE_H
#define STORAGE_SOURCE_H

#include "cloud/client.h"
#include "storage/address.h"
#include "storage/listing.h"
#include <stdint.h>

enum { PIN_SIZE = 160 };

/* What is asked of a source: an object or a part of it, or a page of a list. */
struct wish {
    const char *key; /* the object's; NULL = a page of a list */
    const char *pin; /* which state of the object, as `pin` gave it; "" = any */
    bool part;       /* only the bytes from `first` to `last`, both included */
    uint64_t first;
    uint64_t last;
    const char *prefix; /* of the list */
    const char *page;   /* of the list: "" = the first */
};

struct source {
    struct http_client *client;
    const struct address *address;
    void *state; /* the service's */
    bool parts;  /* whether every server of this kind gives parts of objects */
    bool lists;

    /* Makes of the wish a call that is signed now. `call` is the caller's to forget in any case. */
    bool (*prepare)(struct source *source, const struct wish *wish, struct http_call *call,
                    struct forestd_error *error);
    /* Learns from an answer that refused, `call->body_read` being its body: true if it is worth while asking again. */
    bool (*learn)(struct source *source, const struct http_call *call);
    /* Reads a page of a list. */
    bool (*read_page)(const struct http_call *call, struct listing *listing, struct forestd_error *error);
    /* Tells the object's state, of an answer: what changes with its content. "" where the service says none. */
    void (*pin)(const struct http_call *call, char pin[PIN_SIZE]);
    /* How messages call the credential; NULL = none. */
    const char *(*used)(const struct source *source);
    void (*close)(struct source *source);
};

bool s3_open(struct source *source, struct forestd_error *error);
bool google_storage_open(struct source *source, struct forestd_error *error);
bool azure_blob_open(struct source *source, struct forestd_error *error);
bool web_open(struct source *source, struct forestd_error *error);

/* Fetches the whole list of objects whose key begins with `prefix`, up to `limit` of them (more are an error). */
bool source_list(struct source *source, const char *prefix, size_t limit, struct listing *listing,
                 struct forestd_error *error);

/* Fetches up to `size` first bytes of an object. */
bool source_head(struct source *source, const char *key, uint8_t *bytes, size_t *size, struct forestd_error *error);

/* The ETag of an answer where it names exactly these bytes; else its Last-Modified; else "". */
void pin_by_etag(const struct http_call *call, char pin[PIN_SIZE]);

/* Adds If-Match where the pin is an ETag. */
bool pin_match(const struct wish *wish, struct http_headers *headers, struct forestd_error *error);

/* Adds Range where a part is wished. */
bool add_range(const struct wish *wish, struct http_headers *headers, struct forestd_error *error);

#endif
