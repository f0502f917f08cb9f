#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct ccurl_mailer {
    CURL *curl;
    // The mail that is being sent.
    const char *bytes;
    size_t count, given;
    int (*is_cancelled)(const void *);
    const void *context;
    ccurl_outcome *outcome;
    int leaving; // QUIT was said: 1, and more by each time that libcurl waited for the answer
};

static void said(ccurl_outcome *outcome, ccurl_stage stage) {
    outcome->stage = stage;
    outcome->reply = 0;
    outcome->status[0] = 0;
}

// The last byte goes by itself. libcurl asks for it when it has written what it got before, so that a mail of which the
// connection took a part only is not one whose end was given away. The size is known beforehand (SIZE, RFC 1870), so no
// call follows that could say the end.
static size_t read_mail(char *buffer, size_t size, size_t items, void *context) {
    ccurl_mailer *mailer = context;
    size_t left = mailer->count - mailer->given, count = size * items;
    if (count >= left) count = left > 1 ? left - 1 : left;
    memcpy(buffer, mailer->bytes + mailer->given, count);
    mailer->given += count;
    if (left && mailer->given == mailer->count) said(mailer->outcome, CCURL_END);
    return count;
}

static int begins(const char *text, size_t length, const char *with) {
    size_t count = strlen(with);
    return length >= count && memcmp(text, with, count) == 0;
}

// What libcurl says to the server: of interest is which command it is. Nothing of it is kept: it holds the password.
static int hear_command(CURL *curl, curl_infotype type, char *text, size_t length, void *context) {
    (void)curl;
    ccurl_mailer *mailer = context;
    ccurl_outcome *outcome = mailer->outcome;
    if (type != CURLINFO_HEADER_OUT || !outcome) return 0;
    if (begins(text, length, "EHLO ") || begins(text, length, "HELO ")) said(outcome, CCURL_HELLO);
    else if (begins(text, length, "STARTTLS\r\n")) said(outcome, CCURL_STARTTLS);
    else if (begins(text, length, "AUTH ")) said(outcome, CCURL_AUTH);
    else if (begins(text, length, "MAIL FROM:")) said(outcome, CCURL_MAIL);
    else if (begins(text, length, "RCPT TO:")) said(outcome, CCURL_RCPT);
    else if (begins(text, length, "DATA\r\n")) said(outcome, CCURL_DATA);
    else if (begins(text, length, "QUIT\r\n")) mailer->leaving = 1;
    else said(outcome, outcome->stage); // the later lines of an AUTH
    return 0;
}

static int is_digit(char character) { return character >= '0' && character <= '9'; }

// Reads `5.1.1` (RFC 3463 section 2); its text goes no further.
static void read_status(const char *text, size_t length, char status[12]) {
    size_t end = 0, dots = 0;
    while (end < length && end < 9 && (is_digit(text[end]) || text[end] == '.')) dots += text[end++] == '.';
    if (dots != 2 || !is_digit(text[end - 1]) || text[1] != '.') return;
    if (end < length && !strchr(" \r\n", text[end])) return;
    memcpy(status, text, end);
    status[end] = 0;
}

// One line of a reply; the last has no hyphen behind its code.
static size_t hear_reply(char *line, size_t size, size_t items, void *context) {
    ccurl_mailer *mailer = context;
    ccurl_outcome *outcome = mailer->outcome;
    size_t length = size * items;
    if (!outcome || mailer->leaving || length < 4) return length;
    if (outcome->stage == CCURL_NOTHING) outcome->greeted = 1;
    if (line[3] == '-' || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2])) return length;
    outcome->reply = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    outcome->status[0] = 0;
    read_status(line + 4, length - 4, outcome->status);
    return length;
}

// After a refusal libcurl says QUIT and would wait for two minutes for the answer: a second or two are enough.
static int ask_whether_cancelled(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)a, (void)b, (void)c, (void)d;
    ccurl_mailer *mailer = context;
    if (mailer->leaving) return ++mailer->leaving > 2;
    return mailer->is_cancelled && mailer->is_cancelled(mailer->context);
}

// libcurl is told to leave signals alone, and then wants SIGPIPE to be ignored.
static void initialize(void) {
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

#define SET(option, value) \
    if (result == CURLE_OK) result = curl_easy_setopt(curl, option, value)

static CURLcode configure(
    CURL *curl, const char *url, const char *user, const char *password, const char *ca_file, ccurl_tls tls, int verify,
    int64_t connect_timeout) {
    static const long use_ssl[] = {CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL};
    CURLcode result = CURLE_OK;
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROXY, ""); // not that of the environment
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect_timeout);
    SET(CURLOPT_USE_SSL, use_ssl[tls]);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (ca_file) {
        SET(CURLOPT_CAINFO, ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    if (user) {
        SET(CURLOPT_USERNAME, user);
        SET(CURLOPT_PASSWORD, password);
        // A password is what there is; the others (Kerberos first) would only be tried in vain.
        SET(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    }
    // Shorter than what servers and firewalls keep an idle connection for.
    SET(CURLOPT_MAXAGE_CONN, 30L);
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_QUICK_EXIT, 1L); // a time-out does not wait for the resolver
#endif
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, read_mail);
    SET(CURLOPT_HEADERFUNCTION, hear_reply);
    SET(CURLOPT_DEBUGFUNCTION, hear_command);
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_XFERINFOFUNCTION, ask_whether_cancelled);
    SET(CURLOPT_NOPROGRESS, 0L);
    return result;
}

ccurl_mailer *ccurl_mailer_create(
    const char *url, const char *user, const char *password, const char *ca_file, ccurl_tls tls, int verify,
    int64_t connect_timeout) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialize);
    ccurl_mailer *mailer = calloc(1, sizeof(ccurl_mailer));
    if (!mailer) return NULL;
    CURL *curl = mailer->curl = curl_easy_init();
    CURLcode result = curl ? configure(curl, url, user, password, ca_file, tls, verify, connect_timeout)
                           : CURLE_OUT_OF_MEMORY;
    SET(CURLOPT_READDATA, mailer);
    SET(CURLOPT_HEADERDATA, mailer);
    SET(CURLOPT_DEBUGDATA, mailer);
    SET(CURLOPT_XFERINFODATA, mailer);
    if (result == CURLE_OK) return mailer;
    ccurl_mailer_free(mailer);
    return NULL;
}

// The kept connection, as long as the server has not closed it.
static curl_socket_t open_socket(CURL *curl) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    char byte;
    if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK || socket == CURL_SOCKET_BAD ||
        recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        return CURL_SOCKET_BAD;
    return socket;
}

void ccurl_mailer_quit(ccurl_mailer *mailer, int64_t timeout) {
    CURL *curl = mailer->curl;
    if (open_socket(curl) == CURL_SOCKET_BAD) return;
    CURLcode result = CURLE_OK;
    SET(CURLOPT_CUSTOMREQUEST, "QUIT");
    SET(CURLOPT_NOBODY, 1L);
    SET(CURLOPT_MAXAGE_CONN, 1000000L); // however old it is: a new one has nothing to leave
    SET(CURLOPT_TIMEOUT_MS, (long)timeout);
    if (result == CURLE_OK) curl_easy_perform(curl);
}

void ccurl_mailer_free(ccurl_mailer *mailer) {
    if (!mailer) return;
    // libcurl says QUIT and waits two minutes for the answer; on a socket that can only be written it waits not at all.
    curl_socket_t socket = mailer->curl ? open_socket(mailer->curl) : CURL_SOCKET_BAD;
    if (socket != CURL_SOCKET_BAD) shutdown(socket, SHUT_RD);
    curl_easy_cleanup(mailer->curl);
    free(mailer);
}

static ccurl_end end_of(CURLcode result);

void ccurl_mailer_check(ccurl_mailer *mailer, int64_t timeout, ccurl_outcome *outcome) {
    memset(outcome, 0, sizeof(*outcome));
    mailer->outcome = outcome, mailer->leaving = 0;
    CURL *curl = mailer->curl;
    CURLcode result = CURLE_OK;
    SET(CURLOPT_CUSTOMREQUEST, "NOOP");
    SET(CURLOPT_NOBODY, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)timeout);
    if (result == CURLE_OK) result = curl_easy_perform(curl);
    outcome->end = end_of(result);
    outcome->reason = curl_easy_strerror(result);
    mailer->outcome = NULL;
}

static ccurl_end end_of(CURLcode result) {
    switch (result) {
    case CURLE_OK: return CCURL_SENT;
    case CURLE_ABORTED_BY_CALLBACK: return CCURL_CANCELLED;
    case CURLE_OPERATION_TIMEDOUT: return CCURL_TIMED_OUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return CCURL_BAD_CERTIFICATE;
    case CURLE_USE_SSL_FAILED: return CCURL_NO_TLS;
    case CURLE_LOGIN_DENIED: return CCURL_NO_LOGIN;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_SSL_CACERT_BADFILE: return CCURL_UNUSABLE;
    default: return CCURL_FAILED;
    }
}

void ccurl_mailer_send(
    ccurl_mailer *mailer, const char *from, const char *to, const void *bytes, size_t count, int64_t timeout,
    int (*is_cancelled)(const void *context), const void *context, ccurl_outcome *outcome) {
    memset(outcome, 0, sizeof(*outcome));
    mailer->bytes = bytes, mailer->count = count, mailer->given = 0;
    mailer->is_cancelled = is_cancelled, mailer->context = context;
    mailer->outcome = outcome, mailer->leaving = 0;

    CURL *curl = mailer->curl;
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    CURLcode result = recipients ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    SET(CURLOPT_MAIL_FROM, from);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)count);
    SET(CURLOPT_TIMEOUT_MS, (long)timeout);
    if (result == CURLE_OK) result = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, (struct curl_slist *)NULL);
    curl_slist_free_all(recipients);

    outcome->end = end_of(result);
    outcome->reason = curl_easy_strerror(result);
    mailer->outcome = NULL;
    mailer->is_cancelled = NULL;
}
