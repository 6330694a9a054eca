/*
 * kinesis_post.c
 *		Signed HTTP requests to dsql_emu.kinesis_endpoint, with libcurl.
 *
 * A request can be given up at any time: a server that stops does not wait for
 * a sink that does not answer.
 */
#include "postgres.h"

#include <signal.h>
#include <curl/curl.h>

#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "auth/sigv4.h"
#include "base/settings.h"
#include "stream/kinesis_post.h"

/* In ms: for a connection, for a request, and how often it is asked. */
#define CONNECT_TIMEOUT 5000L
#define REQUEST_TIMEOUT 30000L
#define ASK_INTERVAL 100

/* What an answer can have: one for each of 500 records. */
#define MAX_ANSWER (1024 * 1024)

#define CONTENT_TYPE "application/x-amz-json-1.1"

static CURLM *multi = NULL;
static CURL *easy = NULL;

/*
 * The endpoint in a Region.
 */
static char *
endpoint_url(const char *region)
{
	static const char pattern[] = "{region}";
	const char *endpoint = dsql_settings_kinesis_endpoint;
	const char *found = strstr(endpoint, pattern);

	if (found == NULL)
		return pstrdup(endpoint);
	return psprintf("%.*s%s%s", (int) (found - endpoint), endpoint, region,
					found + strlen(pattern));
}

/*
 * Host and path of a URL, as they are sent and signed.
 */
static void
split_url(const char *url, char **host, char **path)
{
	const char *start = strstr(url, "://") + strlen("://");
	Size		length = strcspn(start, "/");

	*host = pnstrdup(start, length);
	*path = start[length] == '\0' ? pstrdup("/") : pstrdup(start + length);
}

static struct curl_slist *
add_header(struct curl_slist *headers, const char *name, const char *value)
{
	struct curl_slist *longer = curl_slist_append(headers,
												  psprintf("%s: %s", name,
														   value));

	if (longer == NULL)
		elog(ERROR, "could not make an HTTP header");
	return longer;
}

static struct curl_slist *
signed_headers(const char *url, const char *region, const char *target,
			   const StringInfoData *request)
{
	const char *token = dsql_settings_kinesis_session_token;
	bool		has_token = token[0] != '\0';
	char	   *time = dsql_sigv4_format_time(GetCurrentTimestamp());
	DsqlCredential credential = {
		.access_key = dsql_settings_kinesis_access_key,
		.date = pnstrdup(time, 8),
		.region = pstrdup(region),
		.service = "kinesis",
	};
	struct curl_slist *headers = NULL;
	const char *names = has_token ?
	"content-type;host;x-amz-date;x-amz-security-token;x-amz-target" :
	"content-type;host;x-amz-date;x-amz-target";
	char	   *host;
	char	   *path;
	StringInfoData canonical;

	split_url(url, &host, &path);
	initStringInfo(&canonical);
	appendStringInfo(&canonical,
					 "POST\n%s\n\ncontent-type:%s\nhost:%s\nx-amz-date:%s\n",
					 path, CONTENT_TYPE, host, time);
	if (has_token)
		appendStringInfo(&canonical, "x-amz-security-token:%s\n", token);
	appendStringInfo(&canonical, "x-amz-target:%s\n\n%s\n%s", target, names,
					 dsql_sigv4_hash(request->data, request->len));

	headers = add_header(headers, "Content-Type", CONTENT_TYPE);
	headers = add_header(headers, "Host", host);
	headers = add_header(headers, "X-Amz-Date", time);
	headers = add_header(headers, "X-Amz-Target", target);
	if (has_token)
		headers = add_header(headers, "X-Amz-Security-Token", token);
	/* Nobody need say that it would take the body. */
	headers = add_header(headers, "Expect", "");
	return add_header(headers, "Authorization",
					  psprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/kinesis/aws4_request, SignedHeaders=%s, Signature=%s",
							   credential.access_key, credential.date,
							   credential.region, names,
							   dsql_sigv4_sign(dsql_settings_kinesis_secret_key,
											   &credential, time,
											   canonical.data)));
}

/*
 * Outside a transaction nobody owns the resources that hashing needs.
 */
static struct curl_slist *
sign(const char *url, const char *region, const char *target,
	 const StringInfoData *request)
{
	static ResourceOwner owner = NULL;
	ResourceOwner old = CurrentResourceOwner;
	struct curl_slist *headers;

	if (owner == NULL)
		owner = ResourceOwnerCreate(NULL, "dsql_emu Kinesis");
	CurrentResourceOwner = owner;
	headers = signed_headers(url, region, target, request);
	CurrentResourceOwner = old;
	return headers;
}

static size_t
take_answer(char *data, size_t size, size_t count, void *argument)
{
	StringInfo	answer = argument;

	if (answer->len + size * count > MAX_ANSWER)
		return 0;
	appendBinaryStringInfo(answer, data, size * count);
	return size * count;
}

static void
open_handles(void)
{
	if (multi != NULL)
		return;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
		(easy = curl_easy_init()) == NULL ||
		(multi = curl_multi_init()) == NULL)
		elog(ERROR, "could not initialize libcurl");
}

/*
 * The environment in which the server was started has no say.
 */
static void
set_options(const char *url, struct curl_slist *headers,
			const StringInfoData *request, StringInfo answer)
{
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, REQUEST_TIMEOUT);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->data);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long) request->len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
}

/*
 * libcurl starts threads to look up names.  The server's signals are for the
 * thread that knows how to handle them.
 */
static int
perform_some(void)
{
	sigset_t	all;
	sigset_t	old;
	int			running = 0;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	if (curl_multi_perform(multi, &running) != CURLM_OK)
		running = 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return running;
}

/*
 * Returns CURLE_OK when the answer is there.
 */
static CURLcode
perform(KinesisGoOn go_on)
{
	CURLcode	result = CURLE_ABORTED_BY_CALLBACK;
	CURLMsg    *message;
	int			left;

	if (curl_multi_add_handle(multi, easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (perform_some() > 0 && go_on())
		(void) curl_multi_poll(multi, NULL, 0, ASK_INTERVAL, NULL);
	while ((message = curl_multi_info_read(multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			result = message->data.result;
	curl_multi_remove_handle(multi, easy);
	return result;
}

int
dsql_kinesis_post(const char *region, const char *operation,
				  const StringInfoData *request, KinesisGoOn go_on,
				  StringInfo answer)
{
	char	   *url = endpoint_url(region);
	char	   *target = psprintf("Kinesis_20131202.%s", operation);
	const char *scope = dsql_settings_kinesis_region[0] != '\0' ?
	dsql_settings_kinesis_region : region;
	struct curl_slist *headers;
	CURLcode	result;
	long		status = 0;

	open_handles();
	headers = sign(url, scope, target, request);
	set_options(url, headers, request, answer);
	result = perform(go_on);
	curl_slist_free_all(headers);
	if (result == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	else
	{
		resetStringInfo(answer);
		appendStringInfo(answer, "%s: %s", url, curl_easy_strerror(result));
	}
	return (int) status;
}
