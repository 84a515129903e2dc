namespace ZohoPlatform.Simulator.Crm.Merging;

/// <summary>A merge that is scheduled because much is related to its records.</summary>
internal sealed record MergeJob(long Id, long Master, DateTimeOffset ScheduledAt, DateTimeOffset EndsAt)
{
    public string StatusAt(DateTimeOffset now) => now >= EndsAt ? "COMPLETED" : now > ScheduledAt ? "RUNNING" : "SCHEDULED";
}

/// <summary>The scheduled merges of an organisation.</summary>
internal sealed class MergeJobs
{
    private readonly Dictionary<long, MergeJob> _jobs = [];

    public void Add(MergeJob job) => _jobs[job.Id] = job;

    public MergeJob? Find(long id) => _jobs.GetValueOrDefault(id);
}
