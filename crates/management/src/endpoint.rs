//! What an endpoint of the management API is: method, path, operation, and what its caller must show.
//!
//! Each family lists its own with `endpoints!`, which makes the enumeration that the family's `run` matches, so that an
//! endpoint is of one family and every one of them is run. Paths have no trailing slash; a request may have one.

use domain::permission::operation::Operation;

/// What a caller must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Authentication {
    /// `AUTH_SECRET` as bearer. DIFFERENCE: Infisical gives the instance to whoever calls first.
    AuthSecret,
    /// An access token as bearer, or a session in the console.
    AccessToken,
    /// An access token in the body: possession suffices, and a bearer is ignored.
    PossessedToken,
    /// A client id and a client secret in the body; a bearer is ignored.
    ClientCredentials,
    /// An access token or a sign-in code in the body, sent by the console; a bearer is ignored.
    ConsoleSignIn,
    /// What Cloudflare Access says of whom it has let through, in a request of the console; a bearer is ignored.
    CloudflareAccess,
    ConsoleSession,
}

impl Authentication {
    /// Whether the caller shows something that could be guessed, and nothing that has been checked before.
    pub const fn invites_guesses(self) -> bool {
        match self {
            Self::AuthSecret
            | Self::PossessedToken
            | Self::ClientCredentials
            | Self::ConsoleSignIn
            | Self::CloudflareAccess => true,
            Self::AccessToken | Self::ConsoleSession => false,
        }
    }
}

/// What is in a body besides what authenticates the caller, and so whether it may leave the Worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// No secret: the Directory reads it.
    Plain,
    /// A question in which a token may stand: the Worker reads it, and passes on a question without the secret.
    Question,
}

/// One method on one path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Endpoint<Handler> {
    pub method: &'static str,
    /// With `:name` for a parameter.
    pub path: &'static str,
    /// What it is to the authority, whichever path leads to it.
    pub operation: Operation,
    /// Who answers. In a family: which of its endpoints this is, and what the caller must show.
    pub handler: Handler,
}

impl<Handler: Copy> Endpoint<Handler> {
    /// The same, said to more than its family.
    pub fn map<Other>(self, wider: impl FnOnce(Handler) -> Other) -> Endpoint<Other> {
        let Self { method, path, operation, handler } = self;
        Endpoint { method, path, operation, handler: wider(handler) }
    }
}

/// Lists the endpoints of a family: `Variant(shapes) of Operation by Authentication [METHOD "path" (shapes), …];`. It makes
/// the family's enumeration, which its `run` matches, and its `ENDPOINTS`. Without `of` the variant is named as its
/// operation; without shapes all paths of a variant do the same. A family without `by` is answered by the Worker itself.
macro_rules! endpoints {
    (@family [$(#[$about:meta])*] $family:ident {
        $($variant:ident $(($($shape:ty),+))? $(of $operation:ident)?;)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $family {
            $($variant $(($($shape),+))?,)+
        }

        impl $family {
            /// What it is to the authority.
            pub const fn operation(self) -> ::domain::permission::operation::Operation {
                match self {
                    $(Self::$variant { .. } => $crate::endpoint::endpoints!(@operation $variant $($operation)?),)+
                }
            }

            /// What the document calls it: as the operation, unless the path asks for something of its own.
            #[cfg(any(test, feature = "describe"))]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => stringify!($variant),)+
                }
            }
        }
    };
    (@operation $variant:ident) => {
        ::domain::permission::operation::Operation::$variant
    };
    (@operation $variant:ident $operation:ident) => {
        ::domain::permission::operation::Operation::$operation
    };
    ($(#[$about:meta])* $family:ident {
        $($variant:ident $(($($shape:ty),+))? $(of $operation:ident)? by $authentication:ident [
            $($method:ident $path:tt $(($($argument:expr),+))?),+ $(,)?
        ];)+
    }) => {
        $crate::endpoint::endpoints! {
            @family [$(#[$about])*] $family { $($variant $(($($shape),+))? $(of $operation)?;)+ }
        }

        pub const ENDPOINTS: &[$crate::endpoint::Endpoint<($family, $crate::endpoint::Authentication)>] = &[$($({
            let endpoint = $family::$variant $(($($argument),+))?;
            $crate::endpoint::Endpoint {
                method: stringify!($method),
                path: $path,
                operation: endpoint.operation(),
                handler: (endpoint, $crate::endpoint::Authentication::$authentication),
            }
        }),+),+];
    };
    ($(#[$about:meta])* $family:ident {
        $($variant:ident $(($($shape:ty),+))? $(of $operation:ident)? [
            $($method:ident $path:tt $(($($argument:expr),+))?),+ $(,)?
        ];)+
    }) => {
        $crate::endpoint::endpoints! {
            @family [$(#[$about])*] $family { $($variant $(($($shape),+))? $(of $operation)?;)+ }
        }

        pub const ENDPOINTS: &[$crate::endpoint::Endpoint<$family>] = &[$($({
            let endpoint = $family::$variant $(($($argument),+))?;
            $crate::endpoint::Endpoint {
                method: stringify!($method),
                path: $path,
                operation: endpoint.operation(),
                handler: endpoint,
            }
        }),+),+];
    };
}
pub(crate) use endpoints;
