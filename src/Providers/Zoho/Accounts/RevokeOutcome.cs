namespace ZohoPlatform.Providers.Zoho.Accounts;

/// <summary>How a revocation ended; either way the grant opens nothing any more.</summary>
public enum RevokeOutcome
{
    /// <summary>Zoho took it back, with its access tokens.</summary>
    Revoked,

    /// <summary>Zoho no longer knew it: the owner had revoked it, or newer grants had pushed it out.</summary>
    AlreadyGone,
}
