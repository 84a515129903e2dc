using System.Text.Json.Nodes;

namespace ZohoPlatform.Sync;

/// <summary>A record as its source has it.</summary>
/// <param name="Id">The source's own; at most 200 characters.</param>
/// <param name="ModifiedAt">
/// When the source last changed it, by the source's clock. Many sources know whole seconds only; of one that tells no times, any moment, always the same.
/// </param>
/// <param name="Content">What is copied of it. The order of its members does not matter.</param>
public sealed record SourceRecord(string Id, DateTimeOffset ModifiedAt, JsonObject Content);

/// <summary>What a record is known by, where its content is not needed.</summary>
/// <param name="Id">The source's own.</param>
/// <param name="ModifiedAt">As <see cref="SourceRecord.ModifiedAt"/>.</param>
public sealed record SourceKey(string Id, DateTimeOffset ModifiedAt);

/// <summary>A record that the source says it has no more.</summary>
/// <param name="Id">The source's own.</param>
/// <param name="DeletedAt">When, by the source's clock.</param>
public sealed record SourceDeletion(string Id, DateTimeOffset DeletedAt);

/// <summary>What one look at a source brought.</summary>
/// <param name="Items">As many as the source gives at once: they are in memory together.</param>
/// <param name="Next">Where the next page begins, in words of the source's own; null behind the last.</param>
/// <param name="AnsweredAt">When, by the source's clock.</param>
/// <param name="Calls">How many requests it took.</param>
/// <param name="IsIncomplete">The source has more deletions than it tells: everything is compared then.</param>
/// <typeparam name="T">What it is a page of.</typeparam>
public sealed record SourcePage<T>(IReadOnlyList<T> Items, string? Next, DateTimeOffset AnsweredAt, int Calls = 1, bool IsIncomplete = false);
