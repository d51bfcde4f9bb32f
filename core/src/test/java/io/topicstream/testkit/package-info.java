/// The test kit: contracts that every engine must pass, and the clocks, executors, seeds and faults with which a
/// run can be stepped by hand and replayed. Published for the tests of the other modules.
@NullMarked
package io.topicstream.testkit;

import org.jspecify.annotations.NullMarked;
