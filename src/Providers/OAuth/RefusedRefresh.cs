namespace ZohoPlatform.Providers.OAuth;

/// <summary>What a provider's refusal of a refresh says about the connection.</summary>
public enum RefusedRefresh
{
    /// <summary>Nothing: an outage, or an error that nobody knows.</summary>
    Transient,

    /// <summary>Nothing, and the provider wants to be left alone.</summary>
    Throttled,

    /// <summary>The grant is gone: only connecting again helps.</summary>
    GrantGone,

    /// <summary>The client's settings, here or at the provider, must be mended.</summary>
    Misconfigured,
}
