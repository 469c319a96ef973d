/*
 * Amazon S3 and what speaks as it does. https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
#include "storage/source.h"

#include "cloud/aws.h"
#include "cloud/refusal.h"
#include "cloud/text.h"
#include "cloud/xml.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct s3 {
    struct aws *aws;
    char region[64];
    const char *endpoint; /* NULL = AWS's own */
    bool path_style;      /* the bucket in the path, not in the host's name */
};

/* A bucket with a dot fits no certificate of *.s3.REGION.amazonaws.com. */
static bool fits_host(const char *bucket)
{
    for (const char *letter = bucket; *letter; letter++)
        if (!islower((unsigned char)*letter) && !isdigit((unsigned char)*letter) && *letter != '-')
            return false;
    return strlen(bucket) >= 3 && strlen(bucket) <= 63;
}

static bool append_host(struct buffer *text, const struct s3 *s3, const char *bucket, struct forestd_error *error)
{
    const char *endpoint = s3->endpoint;
    if (!endpoint)
        return buffer_print(text, error, "https://%s%ss3%s%s.%s.%s", s3->path_style ? "" : bucket,
                            s3->path_style ? "" : ".", variable_true("AWS_USE_FIPS_ENDPOINT") ? "-fips" : "",
                            variable_true("AWS_USE_DUALSTACK_ENDPOINT") ? ".dualstack" : "", s3->region,
                            aws_domain(s3->region));
    const char *host = strstr(endpoint, "://");
    size_t size = strlen(endpoint);
    while (size && endpoint[size - 1] == '/')
        size--;
    if (s3->path_style || !host)
        return buffer_append(text, endpoint, size, error);
    size_t scheme = (size_t)(host + 3 - endpoint);
    return buffer_print(text, error, "%.*s%s.%.*s", (int)scheme, endpoint, bucket, (int)(size - scheme), host + 3);
}

/* The query is in the order in which it is signed, which some servers want. */
static bool append_list(struct buffer *text, const struct wish *wish, struct forestd_error *error)
{
    bool later = *wish->page != '\0';
    return text_append(text, later ? "?continuation-token=" : "?", error) &&
           encode_append(text, wish->page, false, error) && text_append(text, later ? "&" : "", error) &&
           text_append(text, "encoding-type=url&list-type=2&prefix=", error) &&
           encode_append(text, wish->prefix, false, error);
}

static char *write_address(const struct source *source, const struct wish *wish, struct forestd_error *error)
{
    const struct s3 *s3 = source->state;
    const char *bucket = source->address->bucket;
    struct buffer text = {0};
    bool good = append_host(&text, s3, bucket, error) && text_append(&text, "/", error);
    if (s3->path_style)
        good = good && encode_append(&text, bucket, false, error) && text_append(&text, wish->key ? "/" : "", error);
    good = good && (wish->key ? encode_append(&text, wish->key, true, error) : append_list(&text, wish, error)) &&
           text_end(&text, error);
    if (good)
        return (char *)text.bytes;
    buffer_close(&text);
    return NULL;
}

static bool prepare(struct source *source, const struct wish *wish, struct http_call *call, struct forestd_error *error)
{
    struct s3 *s3 = source->state;
    if (!aws_ready(s3->aws, error))
        return false;
    call->method = "GET";
    call->kept = write_address(source, wish, error);
    call->address = call->kept;
    /* AWS's checksums come with the whole object only. */
    bool good = call->kept && add_range(wish, &call->headers, error) &&
                (!wish->key || pin_match(wish, &call->headers, error)) &&
                (!wish->key || wish->part || headers_add(&call->headers, error, "x-amz-checksum-mode", "ENABLED"));
    const struct sigv4_request request = {
        .method = "GET", .address = call->address, .region = s3->region, .service = "s3", .now = (int64_t)time(NULL)};
    return good && sigv4_sign(&request, aws_keys(s3->aws), &call->headers, error);
}

/* The region that the bucket is in, or that keys have run out. */
static bool learn(struct source *source, const struct http_call *call)
{
    struct s3 *s3 = source->state;
    struct refusal refusal;
    char region[sizeof s3->region] = "";
    const char *header = call_header(call, "x-amz-bucket-region");
    if (call->status < 300)
        return false;
    if (header)
        (void)snprintf(region, sizeof region, "%s", header);
    else if (call->body_read.size)
        (void)xml_find(call->body_read.bytes, call->body_read.size, "Region", region, sizeof region);
    if (region[0] && strcmp(region, s3->region) != 0 &&
        region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0') {
        memcpy(s3->region, region, sizeof region);
        return true;
    }
    refusal_read(call, &refusal);
    if (strcmp(refusal.code, "ExpiredToken") != 0 && strcmp(refusal.code, "ExpiredTokenException") != 0)
        return false;
    aws_expire(s3->aws);
    return true;
}

struct page {
    struct listing *listing;
    bool truncated;
    bool encoded;
};

static void decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        char digits[3] = "";
        if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            memcpy(digits, from + 1, 2);
            *to++ = (char)strtoul(digits, NULL, 16);
            from += 2;
        } else {
            *to++ = (char)(*from == '+' ? ' ' : *from);
        }
    }
    *to = '\0';
}

static bool see(void *context, const char *path, const char *text, struct forestd_error *error)
{
    struct page *page = context;
    if (strcmp(path, "ListBucketResult/IsTruncated") == 0)
        page->truncated = strcmp(text, "true") == 0;
    else if (strcmp(path, "ListBucketResult/EncodingType") == 0)
        page->encoded = strcmp(text, "url") == 0;
    else if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0)
        return listing_continue(page->listing, text, error);
    else if (strcmp(path, "ListBucketResult/Contents/Key") == 0)
        return listing_add(page->listing, text, error);
    return true;
}

static bool read_page(const struct http_call *call, struct listing *listing, struct forestd_error *error)
{
    struct page page = {.listing = listing};
    size_t first = listing->count;
    free(listing->next);
    listing->next = NULL;
    if (!xml_walk(call->body_read.bytes, call->body_read.size, see, &page, error))
        return false;
    for (size_t i = first; page.encoded && i < listing->count; i++)
        decode(listing->keys[i]);
    if (!page.truncated)
        return listing_continue(listing, "", error);
    return listing->next || error_set(error, FORESTD_FORMAT, at_nowhere(), "the list goes on, without a token for it");
}

static const char *used(const struct source *source)
{
    const struct s3 *s3 = source->state;
    return aws_used(s3->aws);
}

static void close_source(struct source *source)
{
    struct s3 *s3 = source->state;
    aws_close(s3->aws);
    free(s3);
}

bool s3_open(struct source *source, struct forestd_error *error)
{
    struct s3 *s3 = calloc(1, sizeof *s3);
    struct aws *aws = s3 ? aws_open(source->client, error) : NULL;
    if (!aws) {
        free(s3);
        return s3 ? false : error_memory(error, sizeof *s3, "a bucket");
    }
    const char *style = aws_setting(aws, "s3.addressing_style");
    const char *region = aws_region(aws);
    s3->aws = aws;
    s3->endpoint = aws_endpoint(aws, "S3", "s3");
    (void)snprintf(s3->region, sizeof s3->region, "%s", region ? region : "us-east-1");
    s3->path_style = style && strcmp(style, "auto") != 0 ? strcmp(style, "path") == 0
                                                         : s3->endpoint || !fits_host(source->address->bucket);
    source->state = s3;
    source->parts = true;
    source->lists = true;
    source->prepare = prepare;
    source->learn = learn;
    source->read_page = read_page;
    source->pin = pin_by_etag;
    source->used = used;
    source->close = close_source;
    return true;
}
