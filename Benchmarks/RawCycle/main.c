// The ceiling: XADD -> XREADGROUP -> XACK + XDEL by hiredis alone, pipelined in batches of 100, no fence, no record,
// no retry: what Redis can do for a job at best.
//
//   raw-cycle produce <socket> <stream> <jobs> <bytes>
//   raw-cycle consume <socket> <stream> <jobs>    until it has done so many
//   raw-cycle drain <socket> <stream>             until nothing is left
//
// At the end it prints when its first job began and its last one was done, by the machine's monotonic clock.

#include <hiredis/hiredis.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { batch = 100 };

static void die(const char *what) {
    fprintf(stderr, "raw-cycle: %s\n", what);
    exit(1);
}

static redisReply *checked(redisContext *redis, void *reply) {
    if (!reply) die(redis->errstr);
    redisReply *r = reply;
    if (r->type == REDIS_REPLY_ERROR) die(r->str);
    return r;
}

static redisReply *take(redisContext *redis) {
    void *reply = NULL;
    redisGetReply(redis, &reply);
    return checked(redis, reply);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void report(long long first, long long last, long jobs) {
    printf("{\"first_ns\":%lld,\"last_ns\":%lld,\"jobs\":%ld}\n", first, last, jobs);
}

static void produce(redisContext *redis, const char *stream, long jobs, size_t bytes) {
    char *payload = malloc(bytes + 1);
    if (!payload) die("no memory");
    memset(payload, 'x', bytes);
    payload[bytes] = 0;
    const char *id = "0192f3a1-7c00-7000-8000-000000000000";
    long long first = now();
    for (long sent = 0; sent < jobs; sent += batch) {
        for (int i = 0; i < batch; i++)
            redisAppendCommand(redis, "XADD %s * id %s kind noop attempt 1 at 1700000000000 payload %b meta {}", stream,
                               id, payload, bytes);
        for (int i = 0; i < batch; i++) freeReplyObject(take(redis));
    }
    report(first, now(), jobs);
    free(payload);
}

static void acknowledge(redisContext *redis, const char *stream, redisReply *entries) {
    const char *ack[batch + 3] = {"XACK", stream, "workers"};
    const char *del[batch + 2] = {"XDEL", stream};
    size_t n = entries->elements;
    for (size_t i = 0; i < n; i++) ack[i + 3] = del[i + 2] = entries->element[i]->element[0]->str;
    redisAppendCommandArgv(redis, (int)n + 3, ack, NULL);
    redisAppendCommandArgv(redis, (int)n + 2, del, NULL);
    freeReplyObject(take(redis));
    freeReplyObject(take(redis));
}

static void group(redisContext *redis, const char *stream) {
    redisReply *reply = redisCommand(redis, "XGROUP CREATE %s workers 0 MKSTREAM", stream);
    // Another worker may have been first.
    if (!reply || (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "BUSYGROUP", 9) != 0)) die("no group");
    freeReplyObject(reply);
}

static void consume(redisContext *redis, const char *stream, long jobs, const char *wait) {
    group(redis, stream);
    printf("ready\n");
    fflush(stdout);
    long long first = 0, last = 0;
    long done = 0;
    while (done < jobs) {
        redisReply *reply = checked(redis, redisCommand(redis, wait, (int)getpid(), batch, stream));
        int some = reply->type == REDIS_REPLY_ARRAY && reply->elements == 1;
        if (some) {
            if (!first) first = now();
            redisReply *entries = reply->element[0]->element[1];
            acknowledge(redis, stream, entries);
            done += (long)entries->elements;
            last = now();
        }
        freeReplyObject(reply);
        if (!some && jobs == LONG_MAX) break;
    }
    report(first, last, done);
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    int produces = argc == 6 && strcmp(mode, "produce") == 0;
    int consumes = argc == 5 && strcmp(mode, "consume") == 0;
    int drains = argc == 4 && strcmp(mode, "drain") == 0;
    if (!produces && !consumes && !drains) die("usage: raw-cycle produce|consume|drain <socket> <stream> [jobs] [bytes]");
    redisContext *redis = redisConnectUnix(argv[2]);
    if (!redis || redis->err) die("cannot connect");
    if (produces)
        produce(redis, argv[3], atol(argv[4]), (size_t)atol(argv[5]));
    else if (consumes)
        consume(redis, argv[3], atol(argv[4]), "XREADGROUP GROUP workers raw-%d COUNT %d BLOCK 5000 STREAMS %s >");
    else
        consume(redis, argv[3], LONG_MAX, "XREADGROUP GROUP workers raw-%d COUNT %d STREAMS %s >");
    redisFree(redis);
    return 0;
}
