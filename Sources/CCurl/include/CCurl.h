#ifndef CCURL_H
#define CCURL_H

#include <stddef.h>
#include <stdint.h>

// libcurl's SMTP behind a few functions that Swift can call: curl_easy_setopt is variadic, and what Swift wants to know
// of a try is learned from callbacks.

// How far a dialogue had come: the last that was said to the server.
typedef enum {
    CCURL_NOTHING = 0, // on a new connection it is the server that speaks first
    CCURL_HELLO = 1,
    CCURL_STARTTLS = 2,
    CCURL_AUTH = 3,
    CCURL_MAIL = 4,
    CCURL_RCPT = 5,
    CCURL_DATA = 6,
    CCURL_END = 7, // the mail's last byte was given to the connection: the dot that ends it may have been, too
} ccurl_stage;

typedef enum {
    CCURL_SENT,
    CCURL_CANCELLED,
    CCURL_TIMED_OUT,
    CCURL_BAD_CERTIFICATE,
    CCURL_NO_TLS,     // TLS is demanded and the server has none
    CCURL_NO_LOGIN,   // the credentials were refused, or no way to give them is known
    CCURL_UNUSABLE,   // libcurl cannot work with the settings
    CCURL_FAILED,
} ccurl_end;

typedef struct {
    ccurl_end end;
    ccurl_stage stage;
    int32_t reply;      // the code of the whole reply to what was said last; 0: none came
    char status[12];    // its enhanced status code (RFC 3463), or empty
    int32_t greeted;    // 1 where the connection was new and the server said something
    const char *reason; // libcurl's text for its error, a constant: neither a name nor an address
} ccurl_outcome;

// libcurl's handle, and the one connection that it keeps from one mail to the next. For one thread at a time.
typedef struct ccurl_mailer ccurl_mailer;

// What is said of STARTTLS to a server that is not spoken TLS to from the start.
typedef enum { CCURL_TLS_NEVER, CCURL_TLS_IF_OFFERED, CCURL_TLS_ALWAYS } ccurl_tls;

// NULL where there is no memory or libcurl cannot do what is asked.
//   user, password: both NULL for no AUTH. ca_file: NULL for the system's authorities, else in place of them.
//   connect_timeout: milliseconds until the server is ready for a mail: name, TCP, TLS, greeting, EHLO, AUTH.
ccurl_mailer *ccurl_mailer_create(
    const char *url, const char *user, const char *password, const char *ca_file, ccurl_tls tls, int verify,
    int64_t connect_timeout);

// Connects and logs in, and says NOOP; no mail can be sent after it.
void ccurl_mailer_check(ccurl_mailer *mailer, int64_t timeout, ccurl_outcome *outcome);

// Takes leave of the server, where there is a connection, and waits for its answer for so many milliseconds. Nothing
// can be sent after it.
void ccurl_mailer_quit(ccurl_mailer *mailer, int64_t timeout);

// Closes and frees, without waiting for anything.
void ccurl_mailer_free(ccurl_mailer *mailer);

// Sends one mail and waits for its end. `is_cancelled` is asked about once a second, on the calling thread.
void ccurl_mailer_send(
    ccurl_mailer *mailer, const char *from, const char *to, const void *bytes, size_t count, int64_t timeout,
    int (*is_cancelled)(const void *context), const void *context, ccurl_outcome *outcome);

#endif
