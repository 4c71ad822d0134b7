//! The settings that commands depend on, out of all that can be set.

use directory::context::DirectorySettings;
use protocol::settings::Settings;

/// What the Directory is given of the settings.
pub fn directory_settings(settings: &Settings) -> DirectorySettings {
    DirectorySettings {
        token_keys: settings.token_keys.clone(),
        ttl_ceiling: settings.ttl_ceiling,
        control_hosts: settings.control_hosts.clone(),
        loopback_origins: settings.loopback_origins,
        max_staleness: settings.max_staleness,
        session_keys: settings.session_keys.clone(),
        session_limits: settings.session_limits,
        sign_in_codes: settings.sign_in_codes,
    }
}
