namespace ZohoPlatform.Providers.OAuth;

/// <summary>How a revocation ended; either way the grant opens nothing any more.</summary>
public enum RevokeOutcome
{
    /// <summary>The provider took it back. At Zoho its access tokens end with it.</summary>
    Revoked,

    /// <summary>The provider no longer knew it: the owner had revoked it, or, at Zoho, newer grants had pushed it out.</summary>
    AlreadyGone,
}
