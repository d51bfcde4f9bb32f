/// Everything that an engine keeps, out of one and into another: [StoreExport] and [StoreImport] are the two ports,
/// [Migration] is the way from one to the other. Nobody serves either of them meanwhile, so that all of it may block.
@NullMarked
package io.topicstream.migration;

import org.jspecify.annotations.NullMarked;
