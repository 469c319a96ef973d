/*
 * Azure's credentials, as azure-identity's DefaultAzureCredential and the az tool find them, without running programs.
 *
 * For storage, in this order: a shared access signature (of AZURE_STORAGE_SAS_TOKEN or the connection string), an
 * account key (AZURE_STORAGE_KEY or the connection string). Else a token: a client secret (AZURE_TENANT_ID,
 * AZURE_CLIENT_ID, AZURE_CLIENT_SECRET), workload identity (AZURE_FEDERATED_TOKEN_FILE), managed identity of App Service
 * and Container Apps (IDENTITY_ENDPOINT), of Azure ML (MSI_ENDPOINT), or of the virtual machine (its metadata service).
 */
#ifndef CLOUD_AZURE_H
#define CLOUD_AZURE_H

#include "cloud/client.h"

struct azure;

/* Asks nobody. `resource` is what tokens are for: "https://storage.azure.com". It and `client` must outlive it. */
struct azure *azure_open(struct http_client *client, const char *resource, struct forestd_error *error);

/* NULL is allowed. */
void azure_close(struct azure *azure);

/*
 * The account that AZURE_STORAGE_ACCOUNT or the connection string names, and the address of its blobs where one was set
 * ("http://127.0.0.1:10000/devstoreaccount1"); NULL where nothing names it.
 */
const char *azure_account(const struct azure *azure);
const char *azure_endpoint(const struct azure *azure);

/* A shared access signature as a query, without the question mark; NULL where there is none. */
const char *azure_signature(const struct azure *azure);

/*
 * Makes sure that there is a key, or a token which is good for a while: before each request, unless it is signed by
 * azure_signature. Fails within a second or so where nothing is configured and no metadata service answers.
 */
bool azure_ready(struct azure *azure, struct forestd_error *error);

/* Whether azure_ready failed because nothing is configured and no metadata service answered. */
bool azure_has_none(const struct azure *azure);

/* The service refused the token: azure_ready asks for another. */
void azure_expire(struct azure *azure);

/*
 * Adds Authorization: for a GET or HEAD of this address, whose account is `account`. With an account key all x-ms-
 * headers and Range must be in `headers` already.
 */
bool azure_authorize(const struct azure *azure, const char *method, const char *address, const char *account,
                     struct http_headers *headers, struct forestd_error *error);

/* How messages call the credential. Never a secret. */
const char *azure_used(const struct azure *azure);

#endif
