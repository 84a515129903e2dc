namespace ZohoPlatform.Providers.Access;

/// <summary>What calls are for.</summary>
public enum QuotaUse
{
    /// <summary>Work that must come to its end, and changes that somebody asked for.</summary>
    Job,

    /// <summary>Somebody wants to see something: has a part of the quota, so that jobs are left one.</summary>
    Read,

    /// <summary>Keeps a copy true, on nobody's behalf: has a part of its own, so that who wants to see something is left one.</summary>
    Copy,
}
