// A scenario's layers: what it extends, the file itself, settings of the command line.
#pragma once

#include "helper/scenario/document.h"

#include <filesystem>

namespace etcdlab
{

/**
 * Lay one document over another, as RFC 7396 (JSON Merge Patch) does it: objects are merged key by
 * key, everything else replaces what was there. Four differences:
 * - null stays in the tree, as "not given", so that an unknown key is noticed even when it is null;
 * - a link's delay replaces its rtt and the other way round;
 * - naming a disk's profile in an object drops the single figures given below it, and an object
 * without a profile laid over a profile's name changes single figures of that profile;
 * - null for a link that is not there is an error.
 *
 * Places move along, so that messages point to the file that said it last.
 */
void Merge(Document& base, const Document& over);

/**
 * Lay a setting over a document.
 *
 * @param path with dots ("member.disk"), or as JSON pointer ("/links/api-e1/rtt")
 * @param value taken as JSON if it is a number, true, false, null, a quoted text, an object or a
 *        list; as text otherwise
 * @throws ScenarioError if the path is empty or leads into a list, or an object or list does not
 *         parse
 */
void ApplySetting(Document& document, const std::string& path, const std::string& value);

/// The same for "path=value".
void ApplySetting(Document& document, const std::string& setting);

/// A file with everything it extends.
Document LoadLayers(const std::filesystem::path& path);

/// A text with everything it extends, relative to the directory of `label`.
Document LoadLayers(std::string_view text, const std::string& label);

} // namespace etcdlab
