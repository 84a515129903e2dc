namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>One operation of the finance APIs, the same in every product and entity.</summary>
/// <param name="Name">Ours, unique.</param>
/// <param name="Verb">As Zoho wants it.</param>
/// <param name="Right">What a scope must end with: <c>READ</c>.</param>
/// <param name="Repeatable">Whether a lost answer may be asked for again: a second call does no more than the first.</param>
internal sealed record FinanceMethod(string Name, HttpMethod Verb, string Right, bool Repeatable)
{
    public static readonly FinanceMethod Organizations = new("organizations", HttpMethod.Get, "READ", Repeatable: true);

    public static readonly FinanceMethod List = new("list", HttpMethod.Get, "READ", Repeatable: true);

    public static readonly FinanceMethod Get = new("get", HttpMethod.Get, "READ", Repeatable: true);

    /// <summary>Where its answer is lost somebody has to look first.</summary>
    public static readonly FinanceMethod Create = new("create", HttpMethod.Post, "CREATE", Repeatable: false);

    public static readonly FinanceMethod Update = new("update", HttpMethod.Put, "UPDATE", Repeatable: true);

    /// <summary>By a field of the organisation's own that takes no value twice.</summary>
    public static readonly FinanceMethod Upsert = new("upsert", HttpMethod.Put, "CREATE", Repeatable: true);
}
