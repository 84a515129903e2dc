namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>One operation of the CRM API.</summary>
/// <param name="Name">Ours, unique.</param>
/// <param name="Verb">As Zoho wants it.</param>
/// <param name="Path">Below the API host; <c>{module}</c> and <c>{id}</c> stand for what a call names.</param>
/// <param name="Repeatable">Whether a lost answer may be asked for again: a second call does no more than the first.</param>
/// <param name="Scopes">What a grant must cover, all of them; <c>{module}</c> stands for the module's name in scopes.</param>
internal sealed record CrmMethod(string Name, HttpMethod Verb, string Path, bool Repeatable, params IReadOnlyList<string> Scopes)
{
    /// <summary>What a call costs of the organisation's credits, by how many records it sends or rows it asks for.</summary>
    public Func<int, int> Credits { get; init; } = CrmCredits.One;

    /// <summary>Whether its calls are among those of which Zoho works on ten at once in every edition.</summary>
    public CrmSubLimit SubLimit { get; init; }

    /// <summary>Whether an empty answer is the answer: there is nothing.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>What a grant must cover for a call that names <paramref name="module"/>.</summary>
    public IEnumerable<string> ScopesFor(string module) =>
        Scopes.Select(scope => scope.Replace(CrmScopes.Module, CrmScopes.NameOf(module), StringComparison.Ordinal));
}

/// <summary>When a call counts among the ten heavy ones (Zoho CRM, "API limits", sub-concurrency).</summary>
internal enum CrmSubLimit
{
    Never,
    Always,

    /// <summary>With more than ten records.</summary>
    WhenLarge,

    /// <summary>With an order of its own.</summary>
    WhenSorted,
}

/// <summary>What calls cost (Zoho CRM, "API limits", credits).</summary>
internal static class CrmCredits
{
    public static readonly Func<int, int> One = _ => 1;

    public static readonly Func<int, int> OfConversion = _ => 5;

    public static readonly Func<int, int> OfBulkJob = _ => 50;

    /// <summary>One for ten records, one at least.</summary>
    public static readonly Func<int, int> PerTen = records => Math.Max(1, (records + 9) / 10);

    /// <summary>By the rows that a query asks for.</summary>
    public static readonly Func<int, int> OfQuery = rows => rows <= 200 ? 1 : rows <= 1000 ? 2 : 3;
}
