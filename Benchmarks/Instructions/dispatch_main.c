// A Swift program leaves its main thread to dispatch_main, which ends that thread; valgrind 3.19 takes this for a fault of
// its own. Preloaded, this serves the main queue on that thread instead, as a run loop does.
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

int _dispatch_get_main_queue_handle_4CF(void);
void _dispatch_main_queue_callback_4CF(void *);

__attribute__((noreturn)) void dispatch_main(void) {
    struct pollfd handle = {_dispatch_get_main_queue_handle_4CF(), POLLIN, 0};
    for (;;) {
        uint64_t count;
        _dispatch_main_queue_callback_4CF(NULL);
        if (poll(&handle, 1, -1) > 0) (void)!read(handle.fd, &count, sizeof count);
    }
}
