#pragma once

// To be preloaded (LD_PRELOAD): nothing is called by name.
